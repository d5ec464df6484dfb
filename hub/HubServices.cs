using Federation.ApiServer;
using Federation.Kubernetes;
using Federation.Resources;
using Federation.Rpc;
using Federation.Telemetry;

namespace Federation.Hub;

/// <summary>What a hub is made of.</summary>
static class HubServices
{
    extension(IServiceCollection services)
    {
        public IServiceCollection AddHub(HubOptions options, IObjectStorage storage, TimeProvider time)
        {
            services.AddSingleton(options).AddSingleton(options.Limits).AddSingleton(time).AddSingleton(storage);
            services.AddSingleton<AddressBook>().AddSingleton<IChangeObserver>(static provider => provider.GetRequiredService<AddressBook>());
            services.AddOperations().AddSingleton<ApiMetrics>().AddSingleton<HubMetrics>().AddSingleton<ObjectStore>();
            services.AddStoreChecks();
            services.AddSingleton<ClaimDesk>().AddSingleton<PoolDesk>().AddSingleton<Upkeep>().AddSingleton<FleetRecord>();
            services.AddSingleton(options.Terms);
            services.AddSingleton<FenceClock>().AddSingleton<LeaseDesk>().AddSingleton<RecoveryDesk>().AddSingleton<ReportBook>().AddSingleton<AbsenceBook>().AddSingleton<AbsentLeases>().AddSingleton<ReportDesk>().AddSingleton<EdgeDesk>().AddSingleton<FleetWatch>().AddSingleton<Reaper>().AddSingleton<FleetCheck>();
            services.AddSingleton<InventoryBook>().AddSingleton<Auditor>().AddSingleton<UsageRollUp>().AddSingleton<LookupDesk>().AddSingleton<LookupEndpoint>();
            services.AddFederationGrpc();
            services.AddSingleton<IKindRules, ClaimKindRules>().AddSingleton<IKindRules, PoolKindRules>().AddSingleton<IKindRules, PoolClaimKindRules>();
            services.AddSingleton<IKindRules, LeaseKindRules>().AddSingleton<IKindRules, EdgeKindRules>().AddSingleton<IKindRules, AllocationKindRules>();
            services.AddSingleton<IKindRules, FederationKindRules>();
            services.AddSingleton(static provider => ApiServerSetup.Api(provider));
            services.AddSingleton<ApiEndpoint>();
            services.AddSingleton<StoredEvents>().AddSingleton<EventKeeping>().AddSingleton<HubEvents>();
            services.AddSingleton(static provider => new EventRecorder("federation-hub", FederationObject.SingletonName, provider.GetRequiredService<StoredEvents>(), provider.GetRequiredService<TimeProvider>()));
            services.AddSingleton(_ => new AccessGate(options, options.Access.Connect() is { } cluster ? new Delegation(new KubernetesRestClient(cluster, time), time) : null));
            services.AddSingleton<HubLoops>().AddHostedService<HubWork>();
            return services;
        }
    }
}
