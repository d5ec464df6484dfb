using System.Reflection;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Net.Compression;

namespace Federation.Tests.Grpc;

/// <summary>
/// The transports were compiled against assemblies of the same names. Whatever they refer to has to be there, or a path
/// that is rarely taken ends in a MissingMethodException.
/// </summary>
public sealed class TransportReferenceTests
{
    public static TheoryData<string> Transports =>
        [typeof(GrpcChannel).Assembly.Location, typeof(GrpcServiceOptions).Assembly.Location];

    [Theory]
    [MemberData(nameof(Transports))]
    public void Every_reference_of_a_transport_resolves(string path)
    {
        var offered = Offered();

        var wanted = AssemblySurface.ReferencesOf(path, ["Grpc.Core.Api", "Grpc.Net.Common"]);

        Assert.True(wanted.Count > 60, $"only {wanted.Count} references were found");
        Assert.Empty(wanted.Except(offered));
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public void Every_type_of_a_transport_loads(string path) => Assert.NotEmpty(Assembly.LoadFrom(path).GetTypes());

    [Theory]
    [InlineData(typeof(Metadata))]
    [InlineData(typeof(ICompressionProvider))]
    public void The_surface_has_the_name_the_transports_ask_for(Type type)
    {
        var name = type.Assembly.GetName();

        Assert.Equal(new Version(2, 0, 0, 0), name.Version);
        Assert.Equal("d754f35622e28bad", Convert.ToHexStringLower(name.GetPublicKeyToken()!));
    }

    static HashSet<string> Offered() =>
        [.. AssemblySurface.DefinitionsOf(typeof(Metadata).Assembly.Location), .. AssemblySurface.DefinitionsOf(typeof(ICompressionProvider).Assembly.Location)];
}
