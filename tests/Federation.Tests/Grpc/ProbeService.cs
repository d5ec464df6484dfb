using Federation.Proto.V1;
using Federation.Rpc;
using Google.Protobuf;
using Grpc.Core;

namespace Federation.Tests.Grpc;

/// <summary>Does what it is asked, and says when a call it hung on was cancelled.</summary>
sealed class ProbeService(ProbeSightings sightings) : Probe.ProbeBase
{
    public override async Task<ProbeReply> Unary(ProbeRequest request, ServerCallContext context)
    {
        return await AnswerAsync(request, context);
    }

    public override async Task<ProbeReply> Collect(IAsyncStreamReader<ProbeRequest> requestStream, ServerCallContext context)
    {
        List<string> texts = [];
        await foreach (var request in requestStream.ReadAllAsync(context.CancellationToken)) texts.Add(request.Text);
        return new ProbeReply { Text = string.Join(",", texts), Count = texts.Count };
    }

    public override async Task Spread(ProbeRequest request, IServerStreamWriter<ProbeReply> responseStream, ServerCallContext context)
    {
        for (var i = 0; i < request.Count; i++)
        {
            await responseStream.WriteAsync(new ProbeReply { Text = request.Text, Count = i }, context.CancellationToken);
        }

        if (request.Then is not Behaviour.Unspecified) await responseStream.WriteAsync(await AnswerAsync(request, context));
    }

    public override async Task Chat(
        IAsyncStreamReader<ProbeRequest> requestStream, IServerStreamWriter<ProbeReply> responseStream, ServerCallContext context)
    {
        await foreach (var request in requestStream.ReadAllAsync(context.CancellationToken))
        {
            await responseStream.WriteAsync(await AnswerAsync(request, context), context.CancellationToken);
        }
    }

    async Task<ProbeReply> AnswerAsync(ProbeRequest request, ServerCallContext context)
    {
        switch (request.Then)
        {
            case Behaviour.Refuse:
                throw RpcFailure.Create(
                    StatusCode.ResourceExhausted,
                    ErrorReason.PoolExhausted,
                    "no available block of size /24 in pool größe",
                    new Dictionary<string, string> { ["pool"] = "größe", ["prefix_length"] = "24" },
                    TimeSpan.FromSeconds(1.5));

            case Behaviour.Throw:
                throw new InvalidOperationException("secret");

            case Behaviour.Hang:
                await sightings.HangAsync(context.CancellationToken);
                break;

            case Behaviour.EchoMetadata:
                return EchoMetadata(context);

            case Behaviour.Unavailable:
                throw new RpcException(new Status(StatusCode.Unavailable, "not yet"));

            case Behaviour.Identify:
                return new ProbeReply { Text = EdgeIdentity.Of(context, trustMetadata: true) ?? "nobody" };

            case Behaviour.TellDeadline:
                return new ProbeReply { Text = context.Deadline == DateTime.MaxValue ? "none" : "some" };
        }

        var payload = request.ReplyBytes > 0 ? ByteString.CopyFrom(new byte[request.ReplyBytes]) : request.Payload;
        return new ProbeReply { Text = request.Text, Payload = payload, Count = request.Payload.Length };
    }

    static ProbeReply EchoMetadata(ServerCallContext context)
    {
        var values = context.RequestHeaders.GetAll("bytes-bin").ToList();
        foreach (var value in values) context.ResponseTrailers.Add("bytes-bin", value.ValueBytes);
        context.ResponseTrailers.Add("text", context.RequestHeaders.GetValue("text") ?? "");
        return new ProbeReply { Count = values.Count };
    }
}

/// <summary>What a test can wait for on the server's side.</summary>
sealed class ProbeSightings
{
    readonly TaskCompletionSource hanging = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly TaskCompletionSource cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Hanging => hanging.Task;

    public Task Cancelled => cancelled.Task;

    public async Task HangAsync(CancellationToken cancel)
    {
        hanging.TrySetResult();
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancel);
        }
        finally
        {
            cancelled.TrySetResult();
        }
    }
}
