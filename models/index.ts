// The registry: every kind of thing that a scenario can have, in the order in which they are built. A
// component may use those above it.

import type { Component } from "../src/component/component.js";
import { app } from "./app.js";
import { clients } from "./clients/clients.js";
import { events } from "./events.js";
import { gunicorn } from "./gunicorn/gunicorn.js";
import { kernel } from "./linux/kernel.js";
import { nginx } from "./nginx/nginx.js";

export const components = [kernel, app, gunicorn, nginx, clients, events] as unknown as readonly Component[];
