// Reads an AsyncAPI document from standard input and writes what the public parser has to say about it as JSON:
// {"accepted": true or false, "diagnostics": [{"severity", "code", "message", "path"}]}.
import { readFileSync } from "node:fs";
import { Parser } from "@asyncapi/parser";

const { document, diagnostics } = await new Parser().parse(readFileSync(0, "utf8"));
const told = diagnostics.map(({ severity, code, message, path }) => ({ severity, code, message, path: path.join(".") }));
process.stdout.write(JSON.stringify({ accepted: document !== undefined, diagnostics: told }));
