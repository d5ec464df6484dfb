using Federation.Proto.Grpc.Health.V1;
using Grpc.Core;
using ServingStatus = Federation.Proto.Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace Federation.Tests.Grpc;

public sealed class HealthTests
{
    const string Service = "federation.v1.LeaseService";

    [Fact]
    public async Task The_server_serves_and_a_service_does_as_it_was_told()
    {
        await using var host = await ProbeHost.StartAsync();
        using var channel = host.Open();
        var client = new Health.HealthClient(channel.Invoker);
        host.Health.Set(Service, ServingStatus.NotServing);

        Assert.Equal(ServingStatus.Serving, (await client.CheckAsync(new HealthCheckRequest()).ResponseAsync.Within()).Status);
        Assert.Equal(ServingStatus.NotServing, (await client.CheckAsync(new HealthCheckRequest { Service = Service }).ResponseAsync.Within()).Status);
    }

    [Fact]
    public async Task Nobody_knows_a_service_that_was_never_set()
    {
        await using var host = await ProbeHost.StartAsync();
        using var channel = host.Open();

        var failure = await Assert.ThrowsAsync<RpcException>(
            () => new Health.HealthClient(channel.Invoker).CheckAsync(new HealthCheckRequest { Service = "none" }).ResponseAsync.Within());

        Assert.Equal(StatusCode.NotFound, failure.StatusCode);
    }

    [Fact]
    public async Task A_watcher_is_told_of_each_change_from_unknown_on()
    {
        await using var host = await ProbeHost.StartAsync();
        using var channel = host.Open();
        using var watch = new Health.HealthClient(channel.Invoker).Watch(new HealthCheckRequest { Service = Service });

        Assert.Equal(ServingStatus.ServiceUnknown, await NextAsync(watch.ResponseStream));
        host.Health.Set("another", ServingStatus.Serving);
        host.Health.Set(Service, ServingStatus.Serving);
        Assert.Equal(ServingStatus.Serving, await NextAsync(watch.ResponseStream));
        host.Health.Set(Service, ServingStatus.Serving);
        host.Health.Set(Service, ServingStatus.NotServing);
        Assert.Equal(ServingStatus.NotServing, await NextAsync(watch.ResponseStream));
    }

    static async Task<ServingStatus> NextAsync(IAsyncStreamReader<HealthCheckResponse> stream)
    {
        Assert.True(await stream.MoveNext(Limits.Cancel).Within());
        return stream.Current.Status;
    }
}
