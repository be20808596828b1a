// What GitHub's runner does with the lines of a log: commands that it obeys, and when it does not listen. After
// ActionCommandManager.cs and ActionCommand.cs of actions/runner.

export interface WorkflowCommand {
  name: string;
  properties: Record<string, string>;
  data: string;
}

const COMMANDS = [
  ...[
    "error",
    "warning",
    "notice",
    "debug",
    "group",
    "endgroup",
    "add-mask",
    "add-matcher",
    "remove-matcher",
  ],
  ...["set-output", "save-state", "set-env", "add-path", "echo", "stop-commands"],
];

/** Those that are obeyed, except for what makes the runner listen or not. */
export function commandsOf(log: string): WorkflowCommand[] {
  const obeyed: WorkflowCommand[] = [];
  let token: string | undefined;
  for (const line of log.split(/\r\n|\n|\r/)) {
    const known = token === undefined ? COMMANDS : [...COMMANDS, token];
    const command = modern(line, known) ?? old(line, known);
    if (!command) continue;
    if (token !== undefined) {
      if (command.name === token) token = undefined;
    } else if (command.name === "stop-commands") token = command.data;
    else obeyed.push(command);
  }
  if (token !== undefined) throw new Error("the runner does not listen any more");
  return obeyed;
}

/** `::error file=a.yaml,line=1::text`, at the beginning of a line. */
function modern(line: string, known: readonly string[]): WorkflowCommand | undefined {
  const [, head = "", data = ""] = /^\s*::(.*?)::(.*)$/.exec(line) ?? [];
  return commandOf(head, data, ",", known);
}

/** `##[error file=a.yaml;line=1]text`, anywhere in a line. */
function old(line: string, known: readonly string[]): WorkflowCommand | undefined {
  const [, head = "", data = ""] = /##\[(.*?)\](.*)$/.exec(line) ?? [];
  return commandOf(head, data, ";", known);
}

function commandOf(head: string, data: string, separator: string, known: readonly string[]) {
  const [name = "", ...rest] = head.split(" ");
  if (!known.includes(name)) return undefined;
  const pairs = rest.join(" ").split(separator).filter(Boolean);
  const properties = pairs.map((pair) => {
    const [key = "", ...value] = pair.split("=");
    return [key.trim(), unescaped(value.join("="))];
  });
  return { name, properties: Object.fromEntries(properties), data: unescaped(data) };
}

function unescaped(text: string): string {
  const meant: Record<string, string> = { "%0D": "\r", "%0A": "\n", "%3A": ":", "%2C": ",", "%25": "%" };
  return text.replace(/%(?:0D|0A|3A|2C|25)/g, (code) => meant[code] as string);
}
