# Debian's nginx where the official image has its own, with the user 101.
FROM debian:trixie-slim
RUN groupadd --system --gid 101 nginx && useradd --system --uid 101 --gid 101 --no-create-home nginx \
    && apt-get update -qq && apt-get install -y -qq --no-install-recommends nginx-light >/dev/null \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /etc/nginx/sites-enabled/* \
    && ln -sf /dev/stdout /var/log/nginx/access.log && ln -sf /dev/stderr /var/log/nginx/error.log
STOPSIGNAL SIGQUIT
CMD ["nginx", "-g", "daemon off;"]
