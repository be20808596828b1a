// Keys that the real programs know and no component declares yet: they are no slips of the finger, so nothing
// is suggested for them. A key that a component declares is never looked up here.

const GUNICORN = `reload limit_request_line limit_request_fields limit_request_field_size chdir daemon
  raw_env pidfile worker_tmp_dir user group umask proc_name accesslog errorlog loglevel capture_output
  logger_class statsd_host proxy_protocol forwarded_allow_ips keyfile certfile ssl_version sendfile wsgi_app
  control_socket dirty_apps dirty_workers`;

const NGINX = `multi_accept use worker_rlimit_nofile worker_cpu_affinity worker_priority
  worker_shutdown_timeout error_log access_log error_page server_name root location return rewrite if
  try_files satisfy auth_request sendfile tcp_nodelay tcp_nopush client_header_timeout
  client_body_timeout client_body_buffer_size client_header_buffer_size large_client_header_buffers
  send_timeout reset_timedout_connection lingering_close lingering_time lingering_timeout resolver
  resolver_timeout limit_rate limit_rate_after limit_req_dry_run limit_conn_dry_run gzip
  proxy_buffering proxy_buffers proxy_buffer_size proxy_busy_buffers_size
  proxy_socket_keepalive proxy_cache proxy_intercept_errors proxy_ignore_headers
  proxy_redirect proxy_limit_rate proxy_max_temp_file_size ssl ssl_certificate http2 slow_start queue
  sticky least_time ntlm resolve route service state`;

const SYSCTLS = `net.core.netdev_max_backlog net.core.rmem_max net.core.wmem_max net.core.rmem_default
  net.core.wmem_default net.core.default_qdisc net.core.busy_poll net.ipv4.tcp_rmem net.ipv4.tcp_wmem
  net.ipv4.tcp_mem net.ipv4.tcp_retries1 net.ipv4.tcp_retries2 net.ipv4.tcp_keepalive_time
  net.ipv4.tcp_keepalive_intvl net.ipv4.tcp_keepalive_probes net.ipv4.tcp_fastopen
  net.ipv4.tcp_congestion_control net.ipv4.tcp_slow_start_after_idle net.ipv4.tcp_max_orphans
  net.ipv4.tcp_rfc1337 net.ipv4.tcp_sack net.ipv4.tcp_window_scaling net.ipv4.tcp_mtu_probing
  net.ipv4.tcp_tw_recycle net.ipv4.tcp_challenge_ack_limit net.ipv4.tcp_notsent_lowat
  net.ipv4.ip_autobind_reuse net.ipv4.ip_nonlocal_bind
  net.netfilter.nf_conntrack_max net.unix.max_dgram_qlen fs.file-max fs.nr_open vm.swappiness
  vm.overcommit_memory`;

const words = (text: string) => new Set(text.split(/\s+/));

/** By section; a section's own keys and those of the parts inside it alike. */
const KNOWN: Record<string, { owner: string; keys: ReadonlySet<string> }> = {
  kernel: { owner: "Linux", keys: words(SYSCTLS) },
  gunicorn: { owner: "gunicorn", keys: words(GUNICORN) },
  nginx: { owner: "nginx", keys: words(NGINX) },
  run: { owner: "recvq", keys: words("stop") },
};

/** Who knows this key, though nothing in a scenario declares it; undefined for a key that nobody knows. */
export function knownTo(path: readonly PropertyKey[]): string | undefined {
  const [section, ...inner] = path.map(String);
  if (section === undefined || inner.length === 0) return undefined;
  const known = Object.hasOwn(KNOWN, section) ? KNOWN[section] : undefined;
  return known?.keys.has(inner.at(-1) as string) ? known.owner : undefined;
}
