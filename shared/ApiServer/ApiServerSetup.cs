using System.Security.Cryptography;
using Federation.Telemetry;
using Microsoft.Extensions.DependencyInjection;

namespace Federation.ApiServer;

/// <summary>The API with what it draws from outside: identities and generated names.</summary>
public static class ApiServerSetup
{
    public static ResourceApi Api(IServiceProvider provider) => Api(
        provider.GetRequiredService<ObjectStore>(), provider.GetServices<IKindRules>(), provider.GetRequiredService<TimeProvider>(),
        static () => BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8)), RandomNumberGenerator.GetInt32);

    /// <param name="drawBits">Draws any number.</param>
    /// <param name="drawBelow">Draws a number from 0 to below a limit.</param>
    public static ResourceApi Api(ObjectStore store, IEnumerable<IKindRules> rules, TimeProvider time, Func<ulong> drawBits, Func<int, int> drawBelow) =>
        new(store, [new NamespaceRules(), new EventRules(), .. rules], new OrderedUids(time, drawBits).Next, drawBelow);

    /// <summary>Ready once everything stored has been read, and while it can be written by this process.</summary>
    public static IServiceCollection AddStoreChecks(this IServiceCollection services) => services
        .AddCheck<ObjectStore>("leader", CheckWeight.Ready, static store => store.Standby is { } why ? $"stands by: {why}" : null)
        .AddCheck<ObjectStore>("loaded", CheckWeight.Ready, static store => store.Loaded.IsCompletedSuccessfully ? null : "not everything stored has been read yet")
        .AddCheck<ObjectStore>("storage", CheckWeight.Ready, static store => store.Trouble);
}
