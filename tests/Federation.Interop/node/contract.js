// The contract as this side knows it: the .proto files, and nothing else.
'use strict';
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');
const protobuf = require('protobufjs');

const includeDirs = process.env.PROTO_PATH.split(':');
const files = ['probe.proto', 'federation/v1/lease.proto', 'grpc/health/v1/health.proto'];
const options = { includeDirs, keepCase: true, longs: String, enums: String, defaults: true, oneofs: true };

const root = new protobuf.Root();
root.resolvePath = (origin, target) =>
  target.startsWith('google/protobuf/')
    ? target
    : includeDirs.map((folder) => `${folder}/${target}`).find((path) => require('fs').existsSync(path)) ?? target;
root.loadSync(['google/rpc/status.proto', 'google/rpc/error_details.proto'].map((file) => root.resolvePath('', file)));

const Status = root.lookupType('google.rpc.Status');
const ErrorInfo = root.lookupType('google.rpc.ErrorInfo');
const RetryInfo = root.lookupType('google.rpc.RetryInfo');
const typeUrl = (name) => `type.googleapis.com/google.rpc.${name}`;

/** The cause in a failed call's trailers. */
function readCause(error) {
  const [bytes] = error.metadata.get('grpc-status-details-bin');
  const status = Status.decode(bytes);
  const find = (type, name) => {
    const detail = status.details.find((any) => any.type_url === typeUrl(name));
    return detail && type.decode(detail.value);
  };
  return { status, info: find(ErrorInfo, 'ErrorInfo'), retry: find(RetryInfo, 'RetryInfo') };
}

/** The trailers that carry a cause. */
function writeCause(code, message, reason, metadata, seconds) {
  const info = ErrorInfo.encode({ domain: 'ipam.federation.io', reason, metadata }).finish();
  const retry = RetryInfo.encode({ retryDelay: { seconds, nanos: 0 } }).finish();
  const details = [{ type_url: typeUrl('ErrorInfo'), value: info }, { type_url: typeUrl('RetryInfo'), value: retry }];
  const trailers = new grpc.Metadata();
  trailers.set('grpc-status-details-bin', Buffer.from(Status.encode({ code, message, details }).finish()));
  return trailers;
}

const contract = grpc.loadPackageDefinition(loader.loadSync(files, options));
module.exports = { grpc, contract, readCause, writeCause };
