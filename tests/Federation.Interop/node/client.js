// Calls our server, and prints one line of JSON for each thing it tried.
'use strict';
const assert = require('assert');
const { grpc, contract, readCause } = require('./contract');

const address = process.argv[2];
const identity = new grpc.Metadata();
identity.set('federation-edge', 'munich');
const insecure = grpc.credentials.createInsecure();
const limits = { 'grpc.max_receive_message_length': 8 << 20, 'grpc.max_send_message_length': 8 << 20 };
const probe = new contract.federation.probe.Probe(address, insecure, limits);
const leases = new contract.federation.v1.LeaseService(address, insecure);
const health = new contract.grpc.health.v1.Health(address, insecure);
const MAX = 4 * 1024 * 1024;

const soon = (milliseconds = 120_000) => ({ deadline: Date.now() + milliseconds });
const unary = (client, method, request, metadata = identity, options = soon()) =>
  new Promise((resolve, reject) => client[method](request, metadata, options, (error, reply) => (error ? reject(error) : resolve(reply))));
const all = (stream) =>
  new Promise((resolve, reject) => {
    const seen = [];
    stream.on('data', (message) => seen.push(message)).on('error', (error) => reject(Object.assign(error, { seen }))).on('end', () => resolve(seen));
  });
const fails = (promise, code) =>
  promise.then(() => assert.fail('the call should fail'), (error) => (assert.strictEqual(error.code, code, error.message), error));

const checks = {
  async unary() {
    assert.strictEqual((await unary(probe, 'Unary', { text: 'grüezi' })).text, 'grüezi');
    assert.strictEqual((await unary(probe, 'Unary', {})).text, '');
  },
  async client_stream() {
    const reply = await new Promise((resolve, reject) => {
      const call = probe.Collect(identity, soon(), (error, answer) => (error ? reject(error) : resolve(answer)));
      for (const text of ['a', 'b', 'c']) call.write({ text });
      call.end();
    });
    assert.strictEqual(reply.text, 'a,b,c');
  },
  async server_stream() {
    const seen = await all(probe.Spread({ count: 500 }, identity, soon()));
    assert.deepStrictEqual(seen.map((reply) => reply.count), [...Array(500).keys()]);
  },
  async duplex() {
    const call = probe.Chat(identity, soon());
    const answers = call[Symbol.asyncIterator]();
    for (const text of ['a', 'b', 'c']) {
      call.write({ text });
      assert.strictEqual((await answers.next()).value.text, text);
    }
    call.end();
    assert.ok((await answers.next()).done);
  },
  async deadline() {
    await fails(unary(probe, 'Unary', { then: 'BEHAVIOUR_HANG' }, identity, soon(300)), grpc.status.DEADLINE_EXCEEDED);
  },
  async cancel() {
    const stream = probe.Spread({ count: 1, then: 'BEHAVIOUR_HANG' }, identity, soon());
    stream.once('data', () => stream.cancel());
    await fails(all(stream), grpc.status.CANCELLED);
  },
  async cause() {
    const error = await fails(unary(probe, 'Unary', { then: 'BEHAVIOUR_REFUSE' }), grpc.status.RESOURCE_EXHAUSTED);
    const { status, info, retry } = readCause(error);
    assert.strictEqual(error.details, 'no available block of size /24 in pool größe');
    assert.deepStrictEqual([status.code, status.message], [8, error.details]);
    assert.deepStrictEqual([info.reason, info.domain, { ...info.metadata }], ['POOL_EXHAUSTED', 'ipam.federation.io', { pool: 'größe', prefix_length: '24' }]);
    assert.deepStrictEqual([Number(retry.retryDelay.seconds), retry.retryDelay.nanos], [1, 500_000_000]);
  },
  async cause_after_messages() {
    const error = await fails(all(probe.Spread({ count: 2, then: 'BEHAVIOUR_REFUSE' }, identity, soon())), grpc.status.RESOURCE_EXHAUSTED);
    assert.strictEqual(error.seen.length, 2);
    assert.strictEqual(readCause(error).info.reason, 'POOL_EXHAUSTED');
  },
  async unexpected() {
    const error = await fails(unary(probe, 'Unary', { then: 'BEHAVIOUR_THROW' }), grpc.status.INTERNAL);
    assert.ok(!error.details.includes('secret'));
  },
  async binary_metadata() {
    const headers = new grpc.Metadata();
    headers.add('text', 'value');
    headers.add('bytes-bin', Buffer.from([0, 255, 13, 10]));
    headers.add('bytes-bin', Buffer.from([1]));
    const [reply, trailers] = await new Promise((resolve, reject) => {
      let answer;
      const call = probe.Unary({ then: 'BEHAVIOUR_ECHO_METADATA' }, headers, soon(), (error, got) => (error ? reject(error) : (answer = got)));
      call.on('status', (status) => resolve([answer, status.metadata]));
    });
    assert.strictEqual(reply.count, 2);
    assert.deepStrictEqual(trailers.get('text'), ['value']);
    assert.deepStrictEqual(trailers.get('bytes-bin').map((bytes) => [...bytes]), [[0, 255, 13, 10], [1]]);
  },
  async big_messages() {
    const payload = Buffer.alloc(MAX - 64, 7);
    assert.ok((await unary(probe, 'Unary', { payload })).payload.equals(payload));
    await fails(unary(probe, 'Unary', { payload: Buffer.alloc(MAX) }), grpc.status.RESOURCE_EXHAUSTED);
    await fails(unary(probe, 'Unary', { reply_bytes: MAX }), grpc.status.RESOURCE_EXHAUSTED);
  },
  async compressed_requests() {
    const packed = new contract.federation.probe.Probe(address, insecure, { 'grpc.default_compression_algorithm': 2 });
    assert.strictEqual((await unary(packed, 'Unary', { text: 'a'.repeat(10_000) })).text.length, 10_000);
    assert.strictEqual((await unary(packed, 'Unary', {})).text, '');
    packed.close();
  },
  async many_at_once() {
    const replies = await Promise.all([...Array(200).keys()].map((i) => unary(probe, 'Unary', { text: `${i}` })));
    assert.deepStrictEqual(replies.map((reply) => reply.text), [...Array(200).keys()].map(String));
  },
  async health() {
    assert.strictEqual((await unary(health, 'Check', {})).status, 'SERVING');
    assert.strictEqual((await unary(health, 'Check', { service: 'federation.v1.LeaseService' })).status, 'SERVING');
    await fails(unary(health, 'Check', { service: 'none' }), grpc.status.NOT_FOUND);
    const watch = health.Watch({ service: 'none' }, soon());
    watch.on('error', () => {});
    assert.strictEqual((await new Promise((resolve) => watch.once('data', resolve))).status, 'SERVICE_UNKNOWN');
    watch.cancel();
  },
  async leases() {
    const me = { edge: 'munich', incarnation: '6f1c0f8e-6f43-4b9c-8a3e-0e1d3a0b7c11' };
    const registered = await unary(leases, 'Register', { ...me, labels: { region: 'eu' }, local_cidrs: ['192.168.0.0/16'] });
    assert.strictEqual(registered.term.seconds, '604800');
    const wish = { ...me, request_id: 'r-1', pool: 'root', prefix_length: 24, ip_family: 'IP_FAMILY_IPV4' };
    const offer = await unary(leases, 'RequestLease', wish);
    assert.deepStrictEqual([offer.state, offer.cidr, offer.request_id], ['LEASE_STATE_OFFERED', '10.0.0.0/24', 'r-1']);
    assert.deepStrictEqual(await unary(leases, 'RequestLease', wish), offer);
    const active = await unary(leases, 'ConfirmLease', { ...me, lease_id: offer.id, epoch: offer.epoch, child_pool: 'child' });
    assert.strictEqual(active.state, 'LEASE_STATE_ACTIVE');
    const stale = await fails(unary(leases, 'ConfirmLease', { ...me, lease_id: offer.id, epoch: '0' }), grpc.status.FAILED_PRECONDITION);
    assert.strictEqual(readCause(stale).info.reason, 'STALE_EPOCH');
  },
  async watch() {
    const stream = leases.Watch({ edge: 'munich' }, identity, soon());
    stream.on('error', () => {});
    const events = [];
    for await (const event of stream) if (events.push(event) === 2) break;
    assert.deepStrictEqual(events.map((event) => event.event), ['catalogue', 'bookmark']);
    assert.deepStrictEqual(events[0].catalogue.pools.map((pool) => [pool.name, pool.capacity.total]), [['root', '340282366920938463463374607431768211456']]);
    stream.cancel();
  },
};

(async () => {
  for (const [check, run] of Object.entries(checks)) {
    try {
      await run();
      console.log(JSON.stringify({ check, ok: true }));
    } catch (error) {
      console.log(JSON.stringify({ check, ok: false, detail: `${error.stack}` }));
    }
  }
  process.exit(0);
})();
