using Federation.ApiServer;
using Federation.Domain.Leases;
using Federation.Resources;
using Federation.Rpc;

namespace Federation.Hub;

/// <summary>What a hub is made of.</summary>
static class HubServices
{
    extension(IServiceCollection services)
    {
        public IServiceCollection AddHub(HubOptions options, IObjectStorage storage, TimeProvider time)
        {
            services.AddSingleton(options).AddSingleton(time).AddSingleton(storage);
            services.AddSingleton<AddressBook>().AddSingleton<IChangeObserver>(static provider => provider.GetRequiredService<AddressBook>());
            services.AddSingleton<ObjectStore>();
            services.AddSingleton<ClaimDesk>().AddSingleton<PoolDesk>().AddSingleton<Upkeep>().AddSingleton<FleetRecord>();
            services.AddSingleton(new LeaseTerms { Term = options.LeaseTerm });
            services.AddSingleton<LeaseDesk>().AddSingleton<EdgeDesk>().AddSingleton<FleetWatch>().AddSingleton<Reaper>();
            services.AddFederationGrpc();
            services.AddSingleton<IKindRules, ClaimKindRules>().AddSingleton<IKindRules, PoolKindRules>().AddSingleton<IKindRules, PoolClaimKindRules>();
            services.AddSingleton<IKindRules>(new MadeByHubRules(KindInfo.Of<IPAllocation>(), "allocations are made for claims; create an IPClaim"));
            services.AddSingleton<IKindRules>(new MadeByHubRules(KindInfo.Of<IPLease>(), "leases are made for edges; create an IPPoolClaim at an edge"));
            services.AddSingleton<IKindRules>(new MadeByHubRules(KindInfo.Of<FederationObject>(), "the hub keeps the one object of this kind"));
            services.AddSingleton(static provider => ApiServerSetup.Api(provider));
            services.AddSingleton<ApiEndpoint>();
            services.AddHostedService<HubWork>();
            return services;
        }
    }
}
