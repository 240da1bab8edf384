"""Gongzheng (公正, impartial): the mechanism and the wire contracts that four services share."""
