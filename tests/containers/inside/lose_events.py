"""Inside a worker's container: take the events of one aggregate from the service's queue and throw them away."""

import json
import os
import sys

import pika

AMQP_URL_VARIABLE, QUEUE, SUBJECT = sys.argv[1:4]
QUIET_S = 3  # nothing more is waiting then


def main() -> None:
    """Acknowledge what belongs to the aggregate; closing the channel gives everything else back."""
    connection = pika.BlockingConnection(pika.URLParameters(os.environ[AMQP_URL_VARIABLE]))
    channel = connection.channel()
    channel.basic_qos(prefetch_count=1000)
    lost = 0
    for method, _properties, body in channel.consume(QUEUE, inactivity_timeout=QUIET_S):
        if method is None:
            break
        if json.loads(body)["subject"] == SUBJECT:
            channel.basic_ack(method.delivery_tag)
            lost += 1
    connection.close()
    sys.stdout.write(str(lost))


main()
