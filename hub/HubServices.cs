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
            var history = new HistoryStorage(storage, time);
            services.AddSingleton(options).AddSingleton(options.Limits).AddSingleton(time).AddSingleton(history).AddSingleton<IObjectStorage>(history);
            services.AddSingleton<AddressBook>().AddSingleton<IChangeObserver>(static provider => provider.GetRequiredService<AddressBook>());
            services.AddOperations().AddSingleton<ApiMetrics>().AddSingleton<HubMetrics>().AddSingleton<ObjectStore>();
            services.AddStoreChecks();
            services.AddSingleton<ClaimDesk>().AddSingleton<PoolDesk>().AddSingleton<Upkeep>().AddSingleton<FleetRecord>();
            services.AddSingleton(options.Terms);
            services.AddSingleton<FenceClock>().AddSingleton<LeaseDesk>().AddSingleton<RecoveryDesk>().AddSingleton<ReportMarks>().AddSingleton<ReportBook>().AddSingleton<AbsenceBook>().AddSingleton<AbsentLeases>().AddSingleton<ReportDesk>().AddSingleton<EdgeDesk>().AddSingleton<FleetWatch>().AddSingleton<Reaper>().AddSingleton<FleetCheck>();
            services.AddSingleton<InventoryBook>().AddSingleton<Auditor>().AddSingleton<UsageRollUp>().AddSingleton<LookupDesk>().AddSingleton<LookupEndpoint>();
            services.AddFederationGrpc();
            services.AddSingleton<IKindRules, ClaimKindRules>().AddSingleton<IKindRules, PoolKindRules>().AddSingleton<IKindRules, PoolClaimKindRules>();
            services.AddSingleton<IKindRules, LeaseKindRules>().AddSingleton<IKindRules, EdgeKindRules>().AddSingleton<IKindRules, AllocationKindRules>();
            services.AddSingleton<IKindRules, FederationKindRules>();
            services.AddSingleton(static provider => ApiServerSetup.Api(provider));
            services.AddSingleton<ApiEndpoint>();
            var cluster = options.Access.Connect() is { } connection ? new KubernetesRestClient(connection, time) : null;
            services.AddSingleton<StoredEvents>().AddSingleton<EventKeeping>().AddSingleton<HubEvents>();
            services.AddSingleton(provider => new EventRecorder("federation-hub", FederationObject.SingletonName,
                options.Access.EventsOf(cluster) is { } elsewhere ? elsewhere : provider.GetRequiredService<StoredEvents>(), provider.GetRequiredService<TimeProvider>()));
            services.AddSingleton(_ => new AccessGate(options, cluster is not null ? new Delegation(cluster, time) : null));
            services.AddSingleton<HubLoops>().AddHostedService<HubWork>();
            return services;
        }
    }
}
