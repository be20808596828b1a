import { describe, expect, test } from "vitest";
import { runText } from "../../src/report/text.js";
import type { Result } from "../../src/run/result.js";
import { burst, calm } from "./fixtures.js";
import { overload, rare } from "./random-fixtures.js";

function plain(result: Result): string {
  return runText(result, { columns: 80, colour: false });
}

describe("the text of a run at 80 columns", () => {
  test("a deterministic burst is exact, names the full queue and draws it filling and draining", () => {
    expect(plain(burst())).toMatchInlineSnapshot(`
      "33.5 % of 200 requests will fail: 502 (unix accept queue full).
      scenarios/seed-rate200.yaml, recvq 0.1.0. Nothing here is random: exact.

      Requests      [total, rate, throughput]         200, 201.01, 3.91
      Duration      [total, attack, wait]             34.045s, 995ms, 33.05s
      Latencies     [min, mean, 50, 90, 95, 99, max]  400µs, 11.19s, 8.705s, 27.455s, 30.4s, 32.41s, 33.385s
      Bytes In      [total, mean]                     11857, 59.29
      Bytes Out     [total, mean]                     0, 0.00
      Success       [ratio]                           66.50%
      Status Codes  [code:count]                      200:133  502:67
      Error Set:
      502 Bad Gateway

      Of the 200s   [min, mean, 50, 90, 95, 99, max]  1.002s, 16.826s, 16.7s, 29.4s, 31.4s, 32.404s, 33.385s
      Of the 502s   [min, mean, 50, 90, 95, 99, max]  400µs, 400µs, 400µs, 400µs, 400µs, 400µs, 400µs
      Errno met     [errno:count]                     EAGAIN:67

      Causes
        33.5 %  unix accept queue full (129 of 129) at unix:/run/gunicorn.sock
                67 requests, first at 665 ms
                kernel.sysctl.net.core.somaxconn = 128, gunicorn.backlog = 2048

      Limits
        accept queue of unix:/run/gunicorn.sock holds 129 connections
          kernel.sysctl.net.core.somaxconn = 128, gunicorn.backlog = 2048

      accept queue of unix:/run/gunicorn.sock (Recv-Q of ss -l): peak 129, limit 129,
        mean 63.4, drawn: highest in each step
            129 ┤┄╭─────╮┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄
            111 ┤ │     ╰───────╮
             92 ┤ │             ╰─────────╮
             74 ┤─╯                       ╰─────────╮
             55 ┤                                   ╰───────╮
             37 ┤                                           ╰─────────╮
             18 ┤                                                     ╰───────╮
              0 ┤                                                             ╰───────
                └┬─────────┬─────────┬─────────┬─────────┬─────────┬─────────┬────────
                 0s        5s        10s       15s       20s       25s       30s

      busy workers: peak 4, limit 4, mean 3.91, drawn: mean of each step
              4 ┤──────────────────────────────────────────────────────────────────╮┄┄
              3 ┤                                                                  │
              2 ┤                                                                  ╰╮
              1 ┤                                                                   ╰╮
              0 ┤                                                                    ╰
                └┬─────────┬─────────┬─────────┬─────────┬─────────┬─────────┬────────
                 0s        5s        10s       15s       20s       25s       30s

      requests ended, by outcome, each up to its own highest rate (steps of 250 ms)
       200 16/s ┤  ▅ ▅ ▅ ▅ ▅ ▅ ▅ ▅ ▅ ▅ ▅ ▅ ▅ ▅ ▅ ▅ ▅ ▅ ▅ ▅ ▅ ▅ ▅ ▅ ▅ ▅ ▅ ▅ ▅ ▅ ▅ ▅ ▅ ▂
      502 200/s ┤ ▆▁
                └┬─────────┬─────────┬─────────┬─────────┬─────────┬─────────┬────────
                 0s        5s        10s       15s       20s       25s       30s
      "
    `);
  });

  const [words, pictures] = plain(overload()).split(/\n(?=accept queue of)/) as [string, string];

  test("a random overload has ± below each number, warnings first and causes by frequency", () => {
    expect(words).toMatchInlineSnapshot(`
      "Warning: kernel.cores is not set: two processors are assumed, and the
        application uses 0.9 of one
      Warning: the load of 67.7/s is above what four workers can do (54.1/s): the
        queue grows as long as it lasts
      19.94 % ± 0.86 % of about 8123 requests will fail: 504 14.90 % ± 0.54 %, 502
      4.78 % ± 0.39 %, client-timeout 0.266 % ± 0.063 %; chief cause: no answer within
      proxy_read_timeout.
      prod.yaml, recvq 0.1.0, seed 42. ± is the 95 % interval from 20 replications;
      "-" never varied.

      Requests      [total, rate, throughput]         8123, 67.69, 53.95
        ±                                               41,  0.34,  0.21
      Duration      [total, attack, wait]             2m0.52s, 1m59.987s, 530ms
        ±                                               0.31s,    0.007s, 310ms
      Latencies     [min, mean, 50, 90, 95, 99, max]  410.0µs, 1.887s, 1.418s, 4.61s, 5.001s, 5.002s, 5.009s
        ±                                               1.2µs, 0.062s, 0.084s, 0.14s, 0.001s, 0.001s, 0.004s
      Bytes In      [total, mean]                     302100, 37.19
        ±                                               6100,  0.94
      Bytes Out     [total, mean]                     0, 0.00
      Success       [ratio]                           80.06%
        ±                                              0.86%
      Status Codes  [code:count]                      0:21.6  200:6503  500:0  502:388  504:1210
        ±                                                5.1        70      <0.15   32        44
      Error Set:
      502 Bad Gateway
      504 Gateway Time-out
      context deadline exceeded (Client.Timeout exceeded while awaiting headers)

      Of answered   [min, mean, 50, 90, 95, 99, max]  410.0µs, 1.880s, 1.412s, 4.61s, 5.001s, 5.002s, 5.009s
        ±                                               1.2µs, 0.061s, 0.083s, 0.14s, 0.001s, 0.001s, 0.004s
      Of the 200s   [min, mean, 50, 90, 95, 99, max]  6.110ms, 1.620s, 1.212s, 3.61s, 4.120s, 4.810s, 4.999s
        ±                                             0.055ms, 0.051s, 0.073s, 0.12s, 0.094s, 0.031s, 0.001s
      Of the 502s   [min, mean, 50, 90, 95, 99, max]  410µs, 410µs, 410µs, 410µs, 410µs, 410µs, 410µs
      Of the 504s   [min, mean, 50, 90, 95, 99, max]  5.001s, 5.001s, 5.001s, 5.001s, 5.001s, 5.002s, 5.009s
        ±                                             0.001s,      -,      -,      -,      -, 0.001s, 0.004s
      nginx logs    [code:count]                      200:6503  499:21.6  502:388  504:1210
        ±                                                   70       5.1       32        44
      Errno met     [errno:count]                     EAGAIN:388  ETIMEDOUT:1210
        ±                                                     32              44

      Causes
         14.90 % ± 0.54 %  no answer within proxy_read_timeout
                           1210 ± 44 requests, first in any replication at 8.11 s
                           nginx.proxy_read_timeout = 5s
          4.78 % ± 0.39 %  unix accept queue full (65 of 65)
                           388 ± 32 requests, first in any replication at 3.22 s
                           gunicorn.backlog = 64
        0.266 % ± 0.063 %  the client gave up
                           21.6 ± 5.1 requests, first in any replication at 9.7 s
                           clients.timeout = 4.5s

      Wasted work
        1m0.5s ± 2.2s of 7m50.2s ± 2.3s that workers were busy (12.9 %): for requests
        whose client, proxy or worker had gone

      Limits
        accept queue of unix:/run/gunicorn.sock holds 65 connections
          gunicorn.backlog = 64, kernel.sysctl.net.core.somaxconn = 4096
      "
    `);
  });

  test("a random overload is drawn on one time axis, each outcome in a row of its own", () => {
    expect(pictures).toMatchInlineSnapshot(`
      "accept queue of unix:/run/gunicorn.sock (Recv-Q of ss -l): peak 65, limit 65,
        mean 50.1 ± 1.9, drawn: highest in each step, averaged over replications
                      65 ┤────────╮┄┄┄┄┄╭───────╮┄┄┄┄┄╭───────╮┄┄┄┄┄╭───────╮┄┄┄┄┄╭───
                      52 ┤        ╰╮   ╭╯       ╰╮   ╭╯       ╰╮   ╭╯       ╰╮    │
                      39 ┤         │   │         │   │         │   │         │   ╭╯
                      26 ┤         ╰───╯         ╰───╯         ╰───╯         ╰───╯
                      13 ┤
                       0 ┤
                         └┬──────┬───────┬──────┬───────┬──────┬───────┬──────┬───────
                          0s     15s     30s    45s     1m     1m15s   1m30s  1m45s

      busy workers: peak 4, limit 4, mean 3.920 ± 0.012, drawn: mean of each step,
        averaged over replications
                       4 ┤─────────╮┄┄┄╭─────────╮┄┄┄╭─────────╮┄┄┄╭─────────╮┄┄┄╭────
                       3 ┤         ╰───╯         ╰───╯         ╰───╯         ╰───╯
                       2 ┤
                       1 ┤
                       0 ┤
                         └┬──────┬───────┬──────┬───────┬──────┬───────┬──────┬───────
                          0s     15s     30s    45s     1m     1m15s   1m30s  1m45s

      requests ended, by outcome, each up to its own highest rate (steps of 500 ms)
              200 54.3/s ┤████████████████████████████████████████████████████████████
               502 8.2/s ┤▄█████▆       ▂█████▆▂      ▂█████▆▂      ▄█████▆▄      ▂███
                504 12/s ┤███████▇▁▁▁▁▁▃████████▁▁▁▁▁▃████████▃▁▁▁▁▃▇███████▃▁▁▁▁▁▇███
      client-timeout 2/s ┤       ▂              ▂              ▂              ▂
                         └┬──────┬───────┬──────┬───────┬──────┬───────┬──────┬───────
                          0s     15s     30s    45s     1m     1m15s   1m30s  1m45s
      "
    `);
  });

  test("a calm run says how long the slowest took", () => {
    expect(plain(calm())).toMatchInlineSnapshot(`
      "All 10 requests will succeed; the slowest takes 18.4 s.
      scenarios/seed-rate10.yaml, recvq 0.1.0. Nothing here is random: exact.

      Requests      [total, rate, throughput]         10, 11.11, 0.52
      Duration      [total, attack, wait]             19.3s, 900ms, 18.4s
      Latencies     [min, mean, 50, 90, 95, 99, max]  2.002s, 10.2s, 9.21s, 16.51s, 18.4s, 18.4s, 18.4s
      Bytes In      [total, mean]                     20, 2.00
      Bytes Out     [total, mean]                     0, 0.00
      Success       [ratio]                           100.00%
      Status Codes  [code:count]                      200:10
      Error Set:

      Limits
        accept queue of unix:/run/gunicorn.sock holds 129 connections
          kernel.sysctl.net.core.somaxconn = 128, gunicorn.backlog = 2048

      accept queue of unix:/run/gunicorn.sock (Recv-Q of ss -l): peak 9, limit 129,
        mean 4.5, drawn: highest in each step
             9 ┤   ╭───╮
             8 ┤  ╭╯   ╰──────╮
             7 ┤  │           ╰──────╮
             6 ┤  │                  ╰──────╮
             5 ┤ ╭╯                         ╰──────╮
             4 ┤ │                                 ╰──────╮
             3 ┤ │                                        ╰──────╮
             2 ┤─╯                                               ╰──────╮
             1 ┤                                                        ╰──────╮
             0 ┤                                                               ╰──────
               └┬──────┬──────┬──────┬──────┬──────┬──────┬──────┬──────┬──────┬──────
                0s     2s     4s     6s     8s     10s    12s    14s    16s    18s

      busy workers: peak 1, limit 1, mean 1, drawn: mean of each step
             1 ┤──────────────────────────────────────────────────────────────────────
             0 ┤
               └┬──────┬──────┬──────┬──────┬──────┬──────┬──────┬──────┬──────┬──────
                0s     2s     4s     6s     8s     10s    12s    14s    16s    18s

      requests ended, by outcome, each up to its own highest rate (steps of 100 ms)
      200 10/s ┤      ▃      ▃      ▃      ▃      ▃      ▃      ▃      ▃      ▃      ▃
               └┬──────┬──────┬──────┬──────┬──────┬──────┬──────┬──────┬──────┬──────
                0s     2s     4s     6s     8s     10s    12s    14s    16s    18s
      "
    `);
  });

  test("clients straight to gunicorn have no nginx line, and one in a million is not 0.00 %", () => {
    expect(plain(rare())).toMatchInlineSnapshot(`
      "0.000102 % ± 0.000021 % of 20,000,000 requests will fail: EAGAIN (unix accept
      queue full).
      direct.yaml, recvq 0.1.0, seed 1. ± is the 95 % interval from 20 replications;
      "-" never varied.

      Requests      [total, rate, throughput]         20000000, 200.00, 199.9900
        ±                                                    -,      -,   0.0011
      Duration      [total, attack, wait]             27h46m40.200s, 27h47m0s, 200ms
        ±                                                    0.050s,        -,  50ms
      Latencies     [min, mean, 50, 90, 95, 99, max]  100µs, 91.2ms, 69.1ms, 181.2ms, 240.2ms, 388.1ms, 1.41s
        ±                                                 -,  1.2ms,  1.3ms,   1.9ms,   1.3ms,   3.1ms, 0.12s
      Bytes In      [total, mean]                     39999959.2, 1.99999796
        ±                                                    8.4, 0.00000042
      Bytes Out     [total, mean]                     0, 0.00
      Success       [ratio]                           99.999898%
        ±                                              0.000021%
      Status Codes  [code:count]                      0:20.4  200:19999979.6
        ±                                                4.2             4.2
      Error Set:
      connect: resource temporarily unavailable

      Of answered   [min, mean, 50, 90, 95, 99, max]  500µs, 91.2ms, 69.1ms, 181.2ms, 240.2ms, 388.1ms, 1.41s
        ±                                                 -,  1.2ms,  1.3ms,   1.9ms,   1.3ms,   3.1ms, 0.12s

      Causes
        0.000102 % ± 0.000021 %  unix accept queue full (129 of 129)
                                 20.4 ± 4.2 requests, first in any replication at
                                   1h23m32s
                                 gunicorn.backlog = 128

      accept queue of unix:/run/gunicorn.sock (Recv-Q of ss -l): peak 128.40 ± 0.90,
        limit 129, mean 8.2000 ± 0.0061, drawn: highest in each step, averaged over
        replications
                   70 ┤─╮ ╭╮ ╭─╮╭─╮ ╭╮ ╭╮ ╭─╮╭─╮ ╭╮ ╭╮ ╭─╮╭─╮ ╭╮ ╭╮ ╭╮ ╭─╮╭─╮ ╭╮ ╭╮ ╭─
                   60 ┤ ╰╮│╰╮│ ││ ╰╮│╰╮│╰╮│ ││ │ │╰╮│╰╮│ ││ │ │╰╮│╰╮│╰╮│ ││ ╰╮│╰╮│╰╮│
                   50 ┤  ╰╯ ╰╯ ╰╯  ││ ╰╯ ╰╯ ╰╯ ╰╮│ ╰╯ ╰╯ ╰╯ ╰╮│ ││ ╰╯ ╰╯ ╰╯  ││ ╰╯ ╰╯
                   40 ┤            ╰╯           ╰╯           ╰╯ ╰╯           ╰╯
                   30 ┤
                   20 ┤
                   10 ┤
                    0 ┤
                      └┬────────────┬─────────────┬────────────┬─────────────┬────────
                       0s           6h            12h          18h           24h

      requests ended, by outcome, each up to its own highest rate (steps of 8m20s)
            200 200/s ┤███████████████████████████████████████████████████████████████
      EAGAIN 0.0102/s ┤  ▃              ▁▃              ▃▁              ▃
                      └┬────────────┬─────────────┬────────────┬─────────────┬────────
                       0s           6h            12h          18h           24h
      "
    `);
  });
});
