// What each rule says of the scenario in which it applies (load-cases.ts, server-cases.ts), word by word.

/** By the rule's id. */
export const sentences: Record<string, string> = {
  "nobody-listens": "nobody listens on unix:/run/a.sock: every connect() by nginx gives ENOENT",
  "closed-loop":
    "60 clients in a closed loop never have more than 60 requests under way, and there are 516 places: nothing can be refused, an overload is " +
    "only slow",
  "retries-feed-overload":
    "a utilisation of 50.6 % becomes 152 % while requests fail, with 3 attempts each: an overload that has begun may not end by itself",
  "attempts-multiply":
    "3 attempts of clients x 2 of nginx: a request that fails everywhere comes to gunicorn up to 6 times",
  "retries-in-step": "requests that fail together come again together: after 1s, all alike, up to 2 times",
  "peak-overload":
    "a utilisation of 75.8 % on average is 126 % at 100/s: queues grow for as long as that lasts",
  overload:
    "200/s are 2.53 times what 4 sync workers serve (79.1/s, 50.6ms each): after about 4.26s every place is taken, and from then on 60.4 % are " +
    "refused",
  "overload-too-late":
    "84/s are 1.06 times what 4 sync workers serve (79.1/s, 50.6ms each): after 60s the last one has to wait 3.69s, longer than nginx's read " +
    "timeout of 3s",
  "overload-queues":
    "84/s are 1.06 times what 4 sync workers serve (79.1/s, 50.6ms each): after 60s about 292 requests are left, the last of which waits 3.69s",
  "near-saturation": "70/s x 50.6ms / 4 is a utilisation of 88.5 %: 9.13/s more and the queue grows for ever",
  "cpu-overload":
    "requests take 1.21s of processor time a second, more than there is on 1 core: whatever waits for a processor waits ever longer",
  "cpu-near": "requests take 0.912s of processor time a second, on 1 core (91.2 %)",
  "workers-beyond-cores":
    "4 workers of which each computes 83.5 % of a request's time want 3.34 cores, and there are 2: with all of them busy the computing takes " +
    "1.67 times as long",
  "process-cpu":
    "20/s x 50.2ms of computing take 1s of processor time a second, and 1 gevent worker has 1s: each computes one request at a time, however " +
    "many it holds",
  "nginx-cpu":
    "20,000/s x 70us keep 1.4 nginx workers busy, and there is 1: clients wait in the accept queue of *:80",
  "backlog-cut":
    "backlog 2048 is cut to 128 by somaxconn: the accept queue of unix:/run/a.sock holds 129 connections",
  "nginx-backlog-cut":
    "nginx's backlog 511 is cut to 128 by somaxconn: the accept queue of *:80 holds 129 connections",
  "nginx-burst":
    "of a burst of 600 requests 87 find the accept queue of *:80 full, which holds 512: their SYNs are dropped and come again after 1s",
  "burst-refused":
    "of a burst of 600 requests 84 are refused at once (EAGAIN): there are places for 516 (4 at work, 512 queued)",
  "burst-waits":
    "of a burst of 600 requests the SYNs of 495 are dropped: there are places for 105 (4 at work, 101 queued); they come again after 1s, 3s, 7s, " +
    "15s, 31s, 63s",
  "abort-on-overflow":
    "a handshake that ends while the accept queue of 127.0.0.1:8000 holds 2,049 connections is reset: nginx makes a 502 of it, where it would " +
    "have waited",
  "no-syncookies": "without SYN cookies 97 handshakes at most can be under way, further SYNs are dropped",
  "connect-timeout-first":
    "the connect timeout of 1s ends before a dropped SYN is sent again (after 1s): one overflow is one 504",
  "connect-timeout-of-kernel": "connect() ends with ETIMEDOUT after 7s, before the connect timeout of 60s",
  "syn-repeats":
    "SYNs that the accept queue of 127.0.0.1:8000 has no place for come again after 1s, 2s, 3s, 4s, 5s, 7s, 11s, 19s, 35s, 67s, 9 times within " +
    "the connect timeout of 60s: the overload shows as waiting and 504, not as a refusal",
  "queue-outlasts-nginx":
    "128s of queue at most (512 places x 1s / 4) does not fit into the 60s read timeout: who comes behind the first 239 gets a 504, and its work " +
    "is done all the same",
  "queue-fits-nginx": "15s of queue at most (512 places x 118ms / 4) fits into the 60s read timeout",
  "queue-outlasts-clients":
    "clients leave after 5s, and there is 6.47s of queue at most (512 places x 50.6ms / 4): the rest is work for clients that have gone",
  "worker-timeout":
    "about 24 % of the requests take longer than the worker timeout of 1s: they end in a 502, after 1s to 2s, and their worker is missing until " +
    "it has booted",
  "read-timeout":
    "all requests take longer than nginx's read timeout of 1s: a 504 each, and the worker goes on",
  "client-timeout": "all requests take longer than the 1s that their clients wait, without any queue",
  "worker-outlives-nginx":
    "nginx gives a hung request up after 20s, its worker stays with it until 30s have passed",
  "worker-connections":
    "62 usable connections, two for each request, are 31 requests in flight, and 32 come at once: the others are closed without an answer, or " +
    "get a 500",
  "worker-connections-first":
    "1,022 usable connections, two for each request, are 511 requests in flight, fewer than the 516 that gunicorn can hold: an overload is " +
    "closed without an answer, not refused with a 502",
  "nginx-beyond-cores":
    "4 nginx workers on 2 cores take turns, and each has connections and failures of its own",
  "listen-reuseport":
    "clients come to one of 4 queues of 512 places by hash, whether its worker is busy or not: while one of them is stuck, 25 % of the clients " +
    "wait for it",
  "limit-req": "20/s in all against 10r/s: beyond a burst of 5, 50 % get a 503",
  "limit-above-capacity":
    "limit_req lets 100/s through to 4 sync workers, which serve 79.1/s: the accept queue fills all the same",
  "failure-silences": "2 servers with max_fails=1: one EAGAIN silences a server for 10–11s",
  "silence-cascades":
    "while one of 2 servers is silent, unix:/run/b.sock gets 100/s and serves 79.1/s: it fails in turn, and for up to 11s everybody gets 502 (no " +
    "live upstreams)",
  "localhost-two-peers":
    "localhost:8000 is two servers where localhost has ::1 beside 127.0.0.1: with gunicorn on one of them the first request finds the other " +
    "closed, and then one time-out gives 10–11s of 502; here it counts as one",
  "single-server-settings":
    "max_fails=3 fail_timeout=10s change nothing for the only server: every request tries it",
  "each-worker-learns":
    "without a zone each of 4 nginx workers finds out by failures of its own that a server is down: 4 times as many requests meet it",
  "answers-silence":
    "an answer 500 silences its server for 10–11s: a request that always fails takes one server after the other away",
  "whole-load-on-backup": "the backup serves 19.8/s and gets all 30/s when no other server is left",
  "timeout-repeats-work":
    "a request that takes longer than 1s, queue included, is executed by up to 2 servers, and its client waits up to 2s",
  "non-idempotent":
    "a POST that fails after it was sent is sent again, to up to 2 servers: what it does may be done twice",
  "keepalive-race":
    "gunicorn closes an idle connection after 2s, nginx keeps it 60s: a request that is sent as it closes fails; nginx repeats it, but not a POST",
  "keepalive-sync": "keepalive 32 keeps nothing: 4 sync workers close every connection after its answer",
  "keepalive-not-asked":
    "keepalive 32 keeps nothing: nginx 1.22.1 asks for HTTP/1.1 without Connection: close only when it is told to",
  "keepalive-crowds":
    "nginx keeps up to 64 idle connections, and 4 x 16 are all that the workers take: kept ones can shut new ones out",
  "port-ceiling":
    "the ceiling to 127.0.0.1:8000 is 56,464 connections/s that nginx closes first (28,232 ports, free again after 500ms); the load needs 4 of " +
    "them",
  "ports-exhausted":
    "the ceiling to 127.0.0.1:8000 is 463 connections/s that nginx closes first (28,232 ports, 61s of TIME_WAIT, not reused), and there are " +
    "600/s: the ports run out after about 47.1s (EADDRNOTAVAIL, 502)",
  "port-search":
    "24,410 of 28,232 ports to 127.0.0.1:8000 are in use, so that each connect() costs 2.12ms: 84.7 % of an nginx worker",
  "tw-buckets":
    "the load leaves 18,307 TIME_WAITs, of which 16,384 are kept: the rest closes without one, and those ports are free at once",
  "proxy-bind-ports":
    "proxy_bind 127.0.0.9 leaves 28,232 ports for all servers together: 463 connections/s that nginx closes first, whatever tcp_tw_reuse says",
  "implicit-upstream":
    "nginx asks 127.0.0.1:8000 to keep connections and keeps none itself: it closes every one first, and each holds a port",
  hoard:
    "4 gthread workers accept 3,992 connections beyond the 8 that they work on: 99.9s of waiting inside, more than the read timeout of 60s, " +
    "before the accept queue holds anybody",
  "max-requests-in-step":
    "4 workers reach max_requests=1000 at about the same time, every 200s: then up to all of them are missing for 38ms",
  "replaced-often": "a worker lives 20s at 20/s, and is then missing for 2.04s: 9.25 % of the capacity",
  "recycled-sockets":
    "each worker that has served 1000 resets what is queued at its own socket: up to 2,049 connections, every 50s",
  "own-sockets":
    "each of 4 workers has a queue of its own: at a utilisation of 50.6 % so many of the connections come to a busy one, whether another is idle " +
    "or not",
  "threads-unused": "threads=4 change nothing for gevent workers",
  "silence-allowed": "a worker that hangs is never replaced: one less of 4, 19.8/s less capacity",
  "boot-outlasts-timeout":
    "a worker needs 3.01s to boot and is killed after 2s of silence: it hardly ever serves",
  "reload-gap":
    "the reload at 10s leaves nobody to serve for 2.01s: about 40 requests queue, for which there are 2,049 places",
  "restart-loses":
    "gunicorn.restart at 10s resets what is queued, and nobody listens for about 1.08s: 502, some 22 requests besides",
};
