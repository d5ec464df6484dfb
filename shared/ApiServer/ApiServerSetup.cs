using System.Security.Cryptography;
using Federation.Telemetry;
using Microsoft.Extensions.DependencyInjection;

namespace Federation.ApiServer;

/// <summary>The API with what it draws from outside: identities and generated names.</summary>
public static class ApiServerSetup
{
    public static ResourceApi Api(IServiceProvider provider)
    {
        var uids = new OrderedUids(provider.GetRequiredService<TimeProvider>(), static () => BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8)));
        IEnumerable<IKindRules> rules = [new NamespaceRules(), new EventRules(), .. provider.GetServices<IKindRules>()];
        return new ResourceApi(provider.GetRequiredService<ObjectStore>(), rules, uids.Next, RandomNumberGenerator.GetInt32);
    }

    /// <summary>Ready once everything stored has been read, and while it can be written.</summary>
    public static IServiceCollection AddStoreChecks(this IServiceCollection services) => services
        .AddCheck<ObjectStore>("loaded", CheckWeight.Ready, static store => store.Loaded.IsCompletedSuccessfully ? null : "not everything stored has been read yet")
        .AddCheck<ObjectStore>("storage", CheckWeight.Ready, static store => store.Trouble);
}
