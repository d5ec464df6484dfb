using System.Text;
using Federation.ApiServer;
using Federation.Domain.Leases;
using Federation.Resources;

namespace Federation.Simulation;

/// <summary>Users and admins: what they ask for, and what they remember of the answers.</summary>
sealed class People(Fleet fleet)
{
    const int NamesMax = 14;

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    static readonly WriteOptions Write = new("people");

    public void FileClaim(Site site, double draw)
    {
        var length = 27 + (int)(draw * 97) % 6;
        var policy = (int)(draw * 1000) % 5 == 0 ? ""","reclaimPolicy":"Retain" """ : "";
        Create<IPClaim>(site.Cluster.Disk, "apps", NameOf(draw), $$"""{"poolRef":{"name":"root"},"prefixLength":{{length}}{{policy}}}""");
    }

    public void WithdrawClaim(Site site, double draw) => Delete<IPClaim>(site.Cluster.Disk, "apps", NameOf(draw));

    public void FilePoolClaim(Site site, double draw) =>
        Create<IPPoolClaim>(site.Cluster.Disk, "apps", $"block-{(int)(draw * 3)}", $$"""{"parentPoolRef":{"name":"root"},"prefixLength":{{26 + (int)(draw * 31) % 4}}}""");

    /// <summary>Also one of the agent's own.</summary>
    public void WithdrawPoolClaim(Site site, double draw)
    {
        var filed = Stored.All<IPPoolClaim>(site.Cluster.Disk).ToList();
        if (filed.Count > 0 && filed[(int)(draw * filed.Count)] is { } claim) Delete<IPPoolClaim>(site.Cluster.Disk, claim.Namespace, claim.Name);
    }

    public void HubClaim(double draw) => Create<IPClaim>(fleet.Hub.Disk, "apps", NameOf(draw), $$"""{"poolRef":{"name":"root"},"prefixLength":{{27 + (int)(draw * 89) % 6}}}""");

    public void HubWithdraw(double draw) => Delete<IPClaim>(fleet.Hub.Disk, "apps", NameOf(draw));

    public void MakeRoot() => Create<IPPool>(fleet.Hub.Disk, null, "root",
        $$"""{"cidr":"{{fleet.Plan.Root}}","leasing":{"defaultPrefixLength":28},"allocation":{"reuseDelaySeconds":{{(fleet.Plan.Seed % 3 == 0 ? 20 : 0)}} } }""");

    public void Reserve(double draw) => Patch<IPPool>("root", $$"""{"spec":{"reservations":["10.0.0.{{(int)(draw * 16) * 16}}/30"]} }""");

    public void Unreserve() => Patch<IPPool>("root", """{"spec":{"reservations":null}}""");

    public void Order(Site site, string order, bool isOn) => Patch<Resources.Edge>(site.Edge, $$"""{"spec":{"{{order}}":{{(isOn ? "true" : "false")}} } }""");

    public void Revoke(Site site, double draw)
    {
        var held = Stored.All<IPLease>(fleet.Hub.Disk).Where(lease => lease.Spec.EdgeName == site.Edge && lease.Status?.Phase is LeasePhase.Active or LeasePhase.Draining).ToList();
        if (held.Count > 0) Patch<IPLease>(held[(int)(draw * held.Count)].Name, """{"spec":{"revoked":true}}""");
    }

    /// <summary>To be refused while the edge may use it.</summary>
    public void DeleteLease(double draw)
    {
        var stored = Stored.All<IPLease>(fleet.Hub.Disk).ToList();
        if (stored.Count > 0) Delete<IPLease>(fleet.Hub.Disk, null, stored[(int)(draw * stored.Count)].Name);
    }

    /// <summary>To be refused while a claim holds it.</summary>
    public void DeleteAllocation(double draw)
    {
        var stored = Stored.All<IPAllocation>(fleet.Hub.Disk).ToList();
        if (stored.Count > 0) Delete<IPAllocation>(fleet.Hub.Disk, null, stored[(int)(draw * stored.Count)].Name);
    }

    /// <summary>
    /// What a careful admin confirms: nothing is in the block any more, or it is there under a later lease that the edge
    /// has told a restored hub of; and the edge knows or its term is long over.
    /// </summary>
    public void ConfirmRevocations()
    {
        foreach (var lease in Stored.All<IPLease>(fleet.Hub.Disk).Where(static lease => lease.Status is { Phase: LeasePhase.Revoked } && lease.Spec.ConfirmedEpoch != lease.Status.Epoch).ToList())
        {
            var isHeldAnew = lease.Status!.ContestedBy is { } later && Stored.Find<IPLease>(fleet.Hub.Disk, null, later)?.Spec.EdgeName == lease.Spec.EdgeName;
            if ((fleet.Safety.IsUsed(lease) && !isHeldAnew) || !fleet.Safety.IsCertainlyIdle(lease)) continue;
            Patch<IPLease>(lease.Name, $$"""{"spec":{"confirmedEpoch":{{lease.Status!.Epoch}} } }""");
        }
    }

    /// <summary>What a careful admin vouches for: that no edge has joined of which the restored hub does not know, and that one which names nothing has nothing.</summary>
    public void AcceptRestore()
    {
        if (Stored.Find<FederationObject>(fleet.Hub.Disk, null, FederationObject.SingletonName) is not { Status.Recovery.StoreEpoch: { } epoch } federation) return;
        var word = $$"""{"spec":{"acceptedStoreEpoch":"{{epoch}}"} }""";
        var isComplete = true;
        foreach (var site in fleet.Sites)
        {
            var edge = Stored.Find<Resources.Edge>(fleet.Hub.Disk, null, site.Edge);
            isComplete &= edge is not null;
            if (edge is null || edge.Status?.ReassertedStoreEpoch == epoch || edge.Spec.AcceptedStoreEpoch == epoch) continue;
            if (!Stored.All<IPPoolClaim>(site.Cluster.Disk).SelectMany(Federation.Edge.LeaseBook.GrantsOf).Any()) Patch<Resources.Edge>(edge.Name, word);
        }

        if (isComplete && federation.Spec.AcceptedStoreEpoch != epoch) Patch<FederationObject>(federation.Name, word);
    }

    /// <summary>Everybody goes home.</summary>
    public void WithdrawEverything()
    {
        foreach (var disk in fleet.Sites.Select(static site => site.Cluster.Disk).Prepend(fleet.Hub.Disk))
        {
            foreach (var claim in Stored.All<IPClaim>(disk).Where(static claim => !claim.Metadata.IsDeleting()).ToList()) Delete<IPClaim>(disk, claim.Namespace, claim.Name);
        }
    }

    void Create<T>(SimulatedDisk disk, string? ns, string name, string spec) where T : Resource
    {
        var body = Encoding.UTF8.GetBytes($$"""{"metadata":{"name":"{{name}}"},"spec":{{spec}}}""");
        var dooms = fleet.Safety.DoomsOf(disk, ns, name);
        Ask(disk, async api =>
        {
            var made = await api.CreateAsync(KindInfo.Of<T>(), ns, body, Write, CancellationToken.None);
            fleet.Safety.Acknowledged(disk, made, dooms);
        });
    }

    void Delete<T>(SimulatedDisk disk, string? ns, string name) where T : Resource
    {
        fleet.Safety.Doomed(disk, KindInfo.Of<T>(), ns, name);
        Ask(disk, api => api.DeleteAsync(KindInfo.Of<T>(), ns, name, new DeleteOptions("people"), CancellationToken.None), () => fleet.Safety.DoomAnswered(disk, KindInfo.Of<T>(), ns, name));
    }

    void Patch<T>(string name, string patch) where T : Resource =>
        Ask(fleet.Hub.Disk, api => api.PatchAsync(KindInfo.Of<T>(), null, name, statusOnly: false, PatchKind.Merge, Encoding.UTF8.GetBytes(patch), Write, CancellationToken.None));

    void Ask(SimulatedDisk disk, Func<ResourceApi, Task> act, Action? answered = null) => fleet.People.Do(() => _ = AskAsync(disk, act, answered));

    async Task AskAsync(SimulatedDisk disk, Func<ResourceApi, Task> act, Action? answered)
    {
        var site = fleet.Sites.Find(site => site.Cluster.Disk == disk);
        try
        {
            await fleet.PeoplesWire.AskAsync(fleet.People, fleet.PeoplesTime, Patience, () => site is null ? fleet.Hub.Process : site.Cluster.Process, async () =>
            {
                await act(site is null ? fleet.Hub.Api : site.Cluster.Api);
                return true;
            }, CancellationToken.None);
            answered?.Invoke();
        }
        catch (ApiException)
        {
            answered?.Invoke();
        }
        catch (NoAnswerException)
        {
            // Nobody knows, and it may still be done: people shrug.
        }
        catch (Exception e)
        {
            fleet.Safety.Report($"a request failed unexpectedly: {e}");
        }
    }

    static string NameOf(double draw) => $"c-{(int)(draw * NamesMax)}";
}
