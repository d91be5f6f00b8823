// Reads a request a line, {"latex": ..., "display": ...}, and answers each with a line: {"mathml": ...} or
// {"error": ...}. Ends when its input ends, so it cannot outlive the build that started it, however that dies.
const temml = require(process.argv[2]);

require("node:readline")
  .createInterface({ input: process.stdin })
  .on("line", (line) => {
    const { latex, display } = JSON.parse(line);
    let answer;
    try {
      answer = { mathml: temml.renderToString(latex, { displayMode: display, throwOnError: true }) };
    } catch (error) {
      answer = { error: String(error.message) };
    }
    process.stdout.write(JSON.stringify(answer) + "\n");
  });
