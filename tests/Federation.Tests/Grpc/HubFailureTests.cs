using System.Net;
using System.Net.Sockets;
using Federation.Rpc;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Federation.Tests.Grpc;

public sealed class HubFailureTests
{
    [Theory]
    [InlineData(200)]
    [InlineData(204)]
    [InlineData(301)]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(405)]
    [InlineData(429)]
    [InlineData(431)]
    [InlineData(500)]
    [InlineData(501)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    [InlineData(599)]
    public async Task What_a_proxy_answers_is_known_by_its_status(int status)
    {
        await using var proxy = await ProxyAsync(async context =>
        {
            context.Response.StatusCode = status;
            context.Response.ContentType = "text/html";
            if (status != 204) await context.Response.WriteAsync("<p>sorry</p>");
        });

        Assert.Equal(new HubFailure.Http(status), await FailureOf(new Uri(proxy.Urls.Single())));
    }

    [Theory]
    [InlineData("application/grpc-web")]
    [InlineData("application/json")]
    [InlineData(null)]
    public async Task What_does_not_say_that_it_is_grpc_is_not(string? contentType)
    {
        await using var proxy = await ProxyAsync(context =>
        {
            context.Response.ContentType = contentType;
            return Task.CompletedTask;
        });

        Assert.Equal(new HubFailure.Http(200), await FailureOf(new Uri(proxy.Urls.Single())));
    }

    [Fact]
    public async Task A_grpc_status_counts_whatever_the_http_status()
    {
        await using var proxy = await ProxyAsync(context =>
        {
            context.Response.StatusCode = 503;
            context.Response.ContentType = "application/grpc";
            context.Response.Headers["grpc-status"] = "7";
            return Task.CompletedTask;
        });

        Assert.Equal(StatusCode.PermissionDenied, Assert.IsType<HubFailure.Grpc>(await FailureOf(new Uri(proxy.Urls.Single()))).Code);
    }

    [Fact]
    public async Task A_hub_that_says_it_is_unavailable_was_reached()
    {
        await using var host = await ProbeHost.StartAsync();

        var failure = await FailureOf(host.Address, new ProbeRequest { Then = Behaviour.Unavailable });

        Assert.Equal(StatusCode.Unavailable, Assert.IsType<HubFailure.Grpc>(failure).Code);
    }

    [Fact]
    public async Task Nobody_listens()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();

        Assert.Equal(new HubFailure.NoConnection(ConnectionFault.Socket), await FailureOf(new Uri($"http://127.0.0.1:{port}")));
    }

    [Fact]
    public async Task A_name_without_an_address() =>
        Assert.Equal(new HubFailure.NoConnection(ConnectionFault.NameResolution), await FailureOf(new Uri("http://hub.invalid:1")));

    [Fact]
    public async Task A_certificate_nobody_vouches_for()
    {
        await using var host = await ProbeHost.StartAsync(TestCertificates.Issue("localhost"));

        Assert.Equal(new HubFailure.NoConnection(ConnectionFault.Tls), await FailureOf(host.Address));
    }

    [Fact]
    public async Task No_encryption_where_it_is_expected()
    {
        await using var host = await ProbeHost.StartAsync();

        var failure = await FailureOf(new UriBuilder(host.Address) { Scheme = "https" }.Uri);

        Assert.Equal(new HubFailure.NoConnection(ConnectionFault.Tls), failure);
    }

    [Fact]
    public async Task A_listener_that_never_says_a_word()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var port = ((IPEndPoint)silent.LocalEndpoint).Port;

        var failure = await FailureOf(new Uri($"https://127.0.0.1:{port}"));

        Assert.Equal(new HubFailure.NoConnection(ConnectionFault.Timeout), failure);
    }

    [Fact]
    public async Task A_server_that_does_not_speak_http_2()
    {
        await using var old = await ProxyAsync(_ => Task.CompletedTask, HttpProtocols.Http1);

        Assert.Equal(new HubFailure.NoConnection(ConnectionFault.Protocol), await FailureOf(new Uri(old.Urls.Single())));
    }

    [Fact]
    public async Task A_connection_that_breaks_while_the_call_runs()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var answer = FailureOf(new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}"));

        using (var accepted = await listener.AcceptTcpClientAsync(Limits.Cancel))
        {
            await accepted.GetStream().ReadExactlyAsync(new byte[24], Limits.Cancel);
            await accepted.GetStream().WriteAsync(new byte[] { 0, 0, 0, 4, 0, 0, 0, 0, 0 }, Limits.Cancel); // an empty SETTINGS frame
        }

        Assert.Equal(new HubFailure.NoConnection(ConnectionFault.Lost), await answer.Within());
    }

    [Fact]
    public void What_has_nothing_to_do_with_the_hub_is_no_hub_failure()
    {
        Assert.Null(HubFailure.From(new InvalidOperationException()));
        Assert.Equal(new HubFailure.Cancelled(), HubFailure.From(new TaskCanceledException()));
    }

    static async Task<HubFailure?> FailureOf(Uri address, ProbeRequest? request = null)
    {
        var options = new HubChannelOptions { Address = address, ConnectTimeout = TimeSpan.FromSeconds(2) };
        using var channel = HubChannel.Open(options, TimeProvider.System);
        var client = new Probe.ProbeClient(channel.Invoker);
        return HubFailure.From(await Assert.ThrowsAnyAsync<Exception>(() => client.UnaryAsync(request ?? new ProbeRequest()).ResponseAsync.Within()));
    }

    static async Task<WebApplication> ProxyAsync(RequestDelegate answer, HttpProtocols protocols = HttpProtocols.Http2)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(
            kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = protocols));
        var app = builder.Build();
        app.Run(answer);
        await app.StartAsync().Within();
        return app;
    }
}
