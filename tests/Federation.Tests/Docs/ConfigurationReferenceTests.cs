using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Federation.ApiServer;
using Federation.Edge;
using Federation.Hub;
using Federation.Telemetry;
using Federation.Tests.House;
using Federation.Tests.Hub;
using Federation.Tests.Telemetry;

namespace Federation.Tests.Docs;

/// <summary>The reference of options, variables and checks says what the code has. With FEDERATION_WRITE_DOCS set it is written anew.</summary>
public sealed partial class ConfigurationReferenceTests
{
    const string Document = "docs/reference/configuration.md";

    static readonly Dictionary<string, (string Where, string Counts, string Meaning)> Checks = new(StringComparer.Ordinal)
    {
        ["ping"] = ("both", "alive, ready", "The process answers."),
        ["agent"] = ("edge", "alive, ready", "The agent's thread has moved within the last minute."),
        ["leader"] = ("hub, embedded edge", "ready", "This process is the one that may write the store. A hub that stands by says why."),
        ["loaded"] = ("hub, embedded edge", "ready", "Everything stored has been read."),
        ["storage"] = ("hub, embedded edge", "ready", "The store can be written: no commit has failed."),
        ["synced"] = ("edge", "ready", "The objects of the four kinds the agent works with are at hand."),
        ["adopted"] = ("edge", "ready", "Everything that exists is in the agent's book; new blocks are given out."),
        ["hub-connection"] = ("edge", "no", "The hub answers. While it does not, claims are served from the blocks there are."),
    };

    [Fact]
    public void The_reference_is_what_the_code_reads()
    {
        var wanted = Written();
        if (Environment.GetEnvironmentVariable("FEDERATION_WRITE_DOCS") is not null) File.WriteAllText(Path.Combine(Repository.Root, Document), wanted);

        Assert.Equal(wanted, Repository.Read(Document));
    }

    [Fact]
    public void Every_option_that_is_read_is_declared_and_every_one_declared_is_read()
    {
        foreach (var (files, options) in new[] { (new[] { "hub/HubOptions.cs", "hub/Access/AccessOptions.cs" }, HubOptions.All), (["edge/EdgeOptions.cs"], EdgeOptions.All) })
        {
            var text = string.Concat(files.Select(Repository.Read));
            var read = ReadOptions().Matches(text).SelectMany(static match => new[] { match.Groups[1].Value, match.Groups[2].Value }).Where(static name => name.Length > 0)
                .Concat(ListedOptions().Matches(text).SelectMany(static list => list.Groups[1].Value.Split(',')).Select(static name => name.Trim(' ', '"')));

            Assert.Equal(options.Select(static option => option.Name).Order(), read.Distinct().Order());
        }
    }

    [Fact]
    public void Every_variable_the_code_names_is_in_the_reference()
    {
        var named = Repository.Files("*.cs").Where(static file => file.StartsWith("hub/", StringComparison.Ordinal) || file.StartsWith("edge/", StringComparison.Ordinal) || file.StartsWith("shared/", StringComparison.Ordinal))
            .SelectMany(static file => Variables().Matches(Repository.Read(file)).Select(static match => match.Groups[1].Value)).Distinct().ToList();

        Assert.Contains("KUBECONFIG", named);
        Assert.All(named.Where(static name => !name.EndsWith('_')), name => Assert.Contains($"`{name}`", Repository.Read(Document), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "collector", "is no URL")]
    [InlineData("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json", "use grpc or http/protobuf")]
    [InlineData("OTEL_TRACES_EXPORTER", "zipkin", "use otlp or none")]
    public void A_bad_variable_is_named(string variable, string value, string said)
    {
        var (settings, error) = ExportSettings.Read(Settings((variable, value)));

        Assert.False(settings.Any);
        Assert.StartsWith($"{variable}: '{value}'", error, StringComparison.Ordinal);
        Assert.Contains(said, error, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_sent_follows_the_variables()
    {
        Assert.Equal(ExportSettings.None, ExportSettings.Read(Settings()).Settings);
        Assert.Equal(new(true, true, true), ExportSettings.Read(Settings(("OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4317"))).Settings);
        Assert.Equal(new(true, false, false), ExportSettings.Read(Settings(("OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4317"), ("OTEL_METRICS_EXPORTER", "prometheus"), ("OTEL_LOGS_EXPORTER", "none"))).Settings);
        Assert.Equal(new(true, false, false), ExportSettings.Read(Settings(("OTEL_TRACES_EXPORTER", "otlp"))).Settings);
        Assert.Equal(ExportSettings.None, ExportSettings.Read(Settings(("OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4317"), ("OTEL_SDK_DISABLED", "true"))).Settings);
    }

    [Fact]
    public void An_option_may_come_from_the_environment_and_the_command_line_counts_more()
    {
        const string Prefix = "FEDERATION_OPTION_TEST_";
        OptionSpec[] options = [new("api-url", "", "", ""), new("embedded", "", "", "", IsFlag: true), new("data", "", "", "")];
        Environment.SetEnvironmentVariable(options[0].Variable(Prefix), "from the environment");
        Environment.SetEnvironmentVariable(options[2].Variable(Prefix), "from the environment");

        var (given, unknown) = ProcessOptions.Read(Prefix, options, ["--embedded", "--data=here"]);

        Assert.Equal(("from the environment", "true", "here", null), (given["api-url"], given["embedded"], given["data"], unknown));
        Assert.Equal("--dat", ProcessOptions.Read(Prefix, options, ["--embedded", "--dat", "x"]).Unknown);
        Assert.Equal("stray", ProcessOptions.Read(Prefix, options, ["--data", "x", "stray"]).Unknown);
    }

    [Fact]
    public async Task The_checks_are_those_of_the_processes()
    {
        await using var hub = await TestHub.StartAsync();
        await using var edge = await MeasuredEdge.StartAsync(hub.Get<HubOptions>().GrpcUrl);

        var verbose = (await hub.SendAsync("GET", "/readyz?verbose")).Text + await edge.UntilAsync("/readyz?verbose", HttpStatusCode.OK);

        Assert.Equal(Checks.Keys.Order(), CheckLines().Matches(verbose).Select(static match => match.Groups[1].Value).Distinct().Order());
    }

    static Microsoft.Extensions.Configuration.IConfiguration Settings(params (string Name, string Value)[] variables) =>
        Microsoft.Extensions.Configuration.MemoryConfigurationBuilderExtensions.AddInMemoryCollection(new Microsoft.Extensions.Configuration.ConfigurationBuilder(), variables.ToDictionary(static pair => pair.Name, static string? (pair) => pair.Value)).Build();

    static string Written()
    {
        var text = new StringBuilder();
        text.Append("""
            # Configuration

            An option is given as `--name value`, or by its environment variable; the command line counts more. A bad one ends the process with
            code 2 and a line that names it.

            """);
        Options(text, "federation-hub serve", HubOptions.All, HubOptions.Prefix);
        Options(text, "federation-edge run", EdgeOptions.All, EdgeOptions.Prefix);
        text.Append("""

            ## OpenTelemetry

            Traces, metrics and logs go to a collector by OTLP when these say so. Read by hub and edge:

            | variable | means |
            |---|---|

            """);
        foreach (var (name, meaning) in ExportSettings.Variables) text.Append($"| `{name}` | {meaning} |\n");
        text.Append("\nAnd by OpenTelemetry's library, among others:\n\n| variable | means |\n|---|---|\n");
        foreach (var (name, meaning) in ExportSettings.PassedOn) text.Append($"| `{name}` | {meaning} |\n");
        text.Append("""

            ## Kubernetes

            An edge without `--embedded` reads `KUBECONFIG` where `--kubeconfig` names several files or none, and in a pod
            `KUBERNETES_SERVICE_HOST` and `KUBERNETES_SERVICE_PORT`. A credential plugin is told of its cluster in `KUBERNETES_EXEC_INFO`.

            ## Checks

            `/livez`, `/readyz` and `/healthz` (which is `/readyz`) answer 200 or 503, on the API's listener and on that of `--ops-url`. `?verbose` tells of each
            check, `?exclude=NAME` leaves one out, `/readyz/NAME` is that check alone. Counted is what a new start or another replica would cure.

            | check | of | counts for | well while |
            |---|---|---|---|

            """);
        foreach (var (name, (where, counts, meaning)) in Checks) text.Append($"| `{name}` | {where} | {counts} | {meaning} |\n");
        return text.ToString();
    }

    static void Options(StringBuilder text, string command, IReadOnlyList<OptionSpec> options, string prefix)
    {
        text.Append($"\n## {command}\n\n| option | variable | value | preset | means |\n|---|---|---|---|---|\n");
        foreach (var option in options) text.Append($"| `--{option.Name}` | `{option.Variable(prefix)}` | {option.Value} | {option.Preset} | {option.Meaning} |\n");
    }

    [GeneratedRegex("""(?:given\["([a-z-]+)"\])|(?:Seconds\(given, "([a-z-]+)")""")]
    private static partial Regex ReadOptions();

    [GeneratedRegex("""in new\[\] \{ ([^}]+) \}""")]
    private static partial Regex ListedOptions();

    [GeneratedRegex("\"((?:OTEL|KUBE|KUBERNETES)_?[A-Z_]+)\"")]
    private static partial Regex Variables();

    [GeneratedRegex(@"^\[[+-]\]([a-z-]+) ", RegexOptions.Multiline)]
    private static partial Regex CheckLines();
}
