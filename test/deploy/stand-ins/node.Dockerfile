# Laid out as the official image of Node.js: /usr/local, the user node. The build trusts whom this machine
# trusts (ca.crt), so that npm works behind a proxy with a certificate of its own.
FROM debian:trixie-slim AS npm
COPY npm/package /tmp/npm
COPY node/package/bin/node /usr/local/bin/node
RUN mkdir -p /usr/local/lib/node_modules && mv /tmp/npm /usr/local/lib/node_modules/npm \
    && ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm \
    && chmod 755 /usr/local/bin/node /usr/local/lib/node_modules/npm/bin/npm-cli.js

FROM debian:trixie-slim
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends libstdc++6 libatomic1 >/dev/null \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/* \
    && groupadd --gid 1000 node && useradd --uid 1000 --gid node --shell /bin/bash --create-home node
COPY ca.crt /etc/ssl/certs/ca-certificates.crt
COPY npmrc /usr/local/etc/npmrc
COPY --from=npm /usr/local /usr/local
CMD ["node"]
