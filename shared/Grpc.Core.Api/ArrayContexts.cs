using System.Buffers;

namespace Grpc.Core;

/// <summary>Lets contextual functions serve callers who have, or want, a plain array.</summary>
static class ArrayContexts
{
    public static byte[] Serialize<T>(T message, Action<T, SerializationContext> serializer)
    {
        var context = new ArraySerializationContext();
        serializer(message, context);
        return context.Payload ?? throw new InvalidOperationException("The serializer did not complete the message.");
    }

    public static T Deserialize<T>(byte[] payload, Func<DeserializationContext, T> deserializer)
    {
        ArgumentNullException.ThrowIfNull(payload);
        return deserializer(new ArrayDeserializationContext(payload));
    }

    sealed class ArraySerializationContext : SerializationContext
    {
        readonly ArrayBufferWriter<byte> writer = new();

        public byte[]? Payload { get; private set; }

        public override IBufferWriter<byte> GetBufferWriter() => writer;

        public override void SetPayloadLength(int payloadLength)
        {
            if (payloadLength > 0) writer.GetMemory(payloadLength);
        }

        public override void Complete(byte[] payload) => Payload = payload;

        public override void Complete() => Payload = writer.WrittenSpan.ToArray();
    }

    sealed class ArrayDeserializationContext(byte[] payload) : DeserializationContext
    {
        public override int PayloadLength => payload.Length;

        public override byte[] PayloadAsNewBuffer() => [.. payload];

        public override ReadOnlySequence<byte> PayloadAsReadOnlySequence() => new(payload);
    }
}
