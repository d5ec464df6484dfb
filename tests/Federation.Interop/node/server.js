// Serves the probe and the health service, says on which port, and ends when its input does.
'use strict';
const { grpc, contract, writeCause } = require('./contract');

function refuse() {
  const message = 'no available block of size /24 in pool größe';
  const metadata = writeCause(grpc.status.RESOURCE_EXHAUSTED, message, 'POOL_EXHAUSTED', { pool: 'größe' }, 2);
  return { code: grpc.status.RESOURCE_EXHAUSTED, details: message, metadata };
}

function answer(request, call, reply) {
  switch (request.then) {
    case 'BEHAVIOUR_REFUSE': return reply(refuse());
    case 'BEHAVIOUR_THROW': return reply({ code: grpc.status.INTERNAL, details: 'sorry' });
    case 'BEHAVIOUR_UNAVAILABLE': return reply({ code: grpc.status.UNAVAILABLE, details: 'not yet' });
    case 'BEHAVIOUR_HANG': return undefined;
    case 'BEHAVIOUR_IDENTIFY': return reply(null, { text: call.metadata.get('federation-edge').join() });
    case 'BEHAVIOUR_ECHO_METADATA': {
      const values = call.metadata.get('bytes-bin');
      const trailers = new grpc.Metadata();
      for (const value of values) trailers.add('bytes-bin', value);
      for (const value of call.metadata.get('text')) trailers.add('text', value);
      return reply(null, { count: values.length }, trailers);
    }
    default: return reply(null, {
      text: request.text,
      payload: request.reply_bytes > 0 ? Buffer.alloc(request.reply_bytes) : request.payload,
      count: request.payload.length,
    });
  }
}

const limits = { 'grpc.max_receive_message_length': 8 << 20, 'grpc.max_send_message_length': 8 << 20 };
const server = new grpc.Server(limits);
server.addService(contract.federation.probe.Probe.service, {
  Unary: (call, done) => answer(call.request, call, done),
  Collect: (call, done) => {
    const texts = [];
    call.on('data', (request) => texts.push(request.text)).on('end', () => done(null, { text: texts.join(','), count: texts.length }));
  },
  Spread: (call) => {
    for (let count = 0; count < call.request.count; count++) call.write({ text: call.request.text, count });
    if (call.request.then === 'BEHAVIOUR_UNSPECIFIED') return call.end();
    answer(call.request, call, (error, reply) => (error ? call.emit('error', error) : (call.write(reply), call.end())));
  },
  Chat: (call) => {
    call.on('data', (request) => answer(request, call, (error, reply) => (error ? call.emit('error', error) : call.write(reply))));
    call.on('end', () => call.end());
  },
});
server.addService(contract.grpc.health.v1.Health.service, {
  Check: (call, done) => done(null, { status: 'SERVING' }),
  Watch: (call) => {
    call.write({ status: 'NOT_SERVING' });
    call.write({ status: 'SERVING' });
  },
});
server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  console.log(`listening ${port}`);
});
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
