namespace Federation.Domain.Conditions;

/// <summary>Every condition reason of the project. Users, alerts and tests match on them: they never change meaning.</summary>
public static class Reasons
{
    // Claims and pool claims.

    [Reason("Allocated=True", "The claim holds its block.", "CIDR 10.0.1.0/24 allocated from prod", "Nothing.")]
    public const string AllocationSucceeded = "AllocationSucceeded";

    [Reason("Allocated=False", "No block of the size is free, at the edge or at the hub.", "no available block of size /24 in pool prod", "Free blocks or add a pool; the claim is answered again by itself.")]
    public const string PoolExhausted = "PoolExhausted";

    [Reason("Allocated=False", "No pool has the labels asked for.", "no pool matches selector env=prod", "Label a pool or correct the selector; the claim is answered when a pool matches.")]
    public const string NoMatchingPool = "NoMatchingPool";

    [Reason("Allocated=False, HubConnected=False", "There is no pool of the name, or the edge may not lease of it.", "pool prod not found", "Create the pool, correct the name, or look at the pool's leasing.edgeSelector.")]
    public const string PoolNotFound = "PoolNotFound";

    [Reason("Allocated=False", "The size asked for is not one the pool gives.", "prefix length /20 is outside the range /24 to /28 of pool prod", "Ask for a size within the range, or change the pool's.")]
    public const string PrefixLengthOutOfBounds = "PrefixLengthOutOfBounds";

    [Reason("Allocated=False", "The pool is of the other address family.", "claim asks for IPv6, pool prod is IPv4", "Name a pool of the family.")]
    public const string AddressFamilyMismatch = "AddressFamilyMismatch";

    [Reason("Allocated=False", "The particular block asked for is held, reserved, resting or elsewhere.", "10.0.1.0/24 is not available in pool prod: held by team-a/web", "Ask for another block, or none in particular; when it is freed the claim gets it.")]
    public const string AddressUnavailable = "AddressUnavailable";

    [Reason("Allocated=False", "The edge may not have more: a limit is reached, it is cordoned or draining, or the pool is not leased.", "edge east holds 4 leases of pool prod, its limit is 4", "Raise the pool's leasing.maxLeasesPerEdge or the edge's maxLeases, or uncordon the edge.")]
    public const string QuotaExceeded = "QuotaExceeded";

    [Reason("Allocated=Unknown, Ready=False, HubConnected=Unknown", "Nothing has been decided yet: the pool has no block, the lease no confirmation, or the hub has not told its pools.", "the hub has not told its pools yet", "Wait; if it stays, look at HubConnected.")]
    public const string Pending = "Pending";

    [Reason("Allocated=Unknown", "The edge has asked the hub for a block and waits for it.", "waiting for a lease of pool prod", "Wait; if it stays, look at the pool claims in federation-system.")]
    public const string WaitingForLease = "WaitingForLease";

    // Pools and pool claims.

    [Reason("Ready=True", "The pool claim has its child pool.", "CIDR 10.64.0.0/24 allocated from prod", "Nothing.")]
    public const string Bound = "Bound";

    [Reason("Ready=False", "The pool claim waits for its child pool.", "waiting for a lease of pool prod", "Look at its Allocated condition, which says what it waits for.")]
    public const string ClaimPending = "ClaimPending";

    [Reason("Ready=False", "The pool claim cannot be satisfied.", "no available block of size /24 in pool prod", "Look at its Allocated condition, which says why.")]
    public const string Error = "Error";

    [Reason("Ready=True", "The child pool has its block.", "CIDR 10.64.0.0/24 assigned from prod; 118/120 claims are allocated", "Nothing; where claims are not allocated, list them.")]
    public const string CIDRAssigned = "CIDRAssigned";

    [Reason("Ready=False", "The child pool has no block yet.", "no available block of size /24 in pool prod", "Look at its Allocated condition.")]
    public const string WaitingParent = "WaitingParent";

    [Reason("Ready=False", "The block is being emptied: nothing new is allocated from it.", "Lease east-0a1b2c3d4e is being emptied", "Delete or move the claims in it; it is given back when the last is gone.")]
    public const string Draining = "Draining";

    [Reason("Ready=False", "The pool is to go, and still holds something.", "pool web-4f1c2 is still in use; it goes when its last allocation is gone", "Delete the claims that hold its blocks.")]
    public const string PoolInUse = "PoolInUse";

    // Objects with children, and each child.

    [Reason("Ready=True", "All children are ready.", "All 3 leases are ready", "Nothing.")]
    public const string AllReady = "AllReady";

    [Reason("IPLease-{i}=True, IPPool-{i}=True, Ready=True", "This child is ready.", "Lease us-east-0 is ready (40/256 addresses)", "Nothing.")]
    public const string Ready = "Ready";

    [Reason("Ready=False, IPLease-{i}=False", "Some children are ready and some fail; of a child: it is on its way.", "2/3 leases are ready", "Read the conditions of the children that are not True.")]
    public const string PartiallyReady = "PartiallyReady";

    [Reason("Ready=False", "No child is ready.", "No leases are ready", "Read the conditions of the children.")]
    public const string NotReady = "NotReady";

    [Reason("Ready=False", "There are no children.", "No leases found for this pool", "Nothing, where none are expected: a root pool without leases serves claims at the hub.")]
    public const string NoChildren = "NoChildren";

    [Reason("Ready=False", "The first children were made, and none is ready yet.", "0/2 leases are ready", "Wait.")]
    public const string LeasesCreated = "LeasesCreated";

    [Reason("Ready=False", "Children come or go, and none fails.", "2/3 leases are ready", "Wait; a lease that stays Draining waits for claims to go.")]
    public const string LeasesScaling = "LeasesScaling";

    [Reason("Ready=True", "Every edge is heard, and none of its leases fails.", "3/3 edges are ready", "Nothing.")]
    public const string EdgesReady = "EdgesReady";

    [Reason("Ready=False", "An edge is silent, draining or has leases that fail.", "2/3 edges are ready; not ready: west", "Look at the edges named.")]
    public const string EdgesProgressing = "EdgesProgressing";

    // Between edge and hub.

    [Reason("HubConnected=True", "The last exchange succeeded.", "the hub answers", "Nothing.")]
    public const string Connected = "Connected";

    [Reason("HubConnected=False, Allocated=Unknown", "No connection: address, name resolution, TLS, or a connection that broke; also an answer nobody knows.", "Cannot connect to hub: the TLS handshake failed", "Check the hub's address, its DNS name, certificates and the network between.")]
    public const string HubUnreachable = "HubUnreachable";

    [Reason("HubConnected=False, Allocated=Unknown", "Something between edge and hub answered for it, or the answer took too long.", "Gateway says hub is unavailable (503)", "Check the proxies between, and whether the hub is up.")]
    public const string GatewayError = "GatewayError";

    [Reason("HubConnected=False, Allocated=Unknown", "The hub found the request malformed.", "Invalid request to hub (400)", "Check that agent and hub are of versions that go together; report it.")]
    public const string HubBadRequest = "HubBadRequest";

    [Reason("HubConnected=False, Allocated=Unknown", "The hub does not know the edge, or does not let it do this.", "Hub authentication required (401)", "Check the agent's certificate, its name and the hub's client CA.")]
    public const string HubAuthFailed = "HubAuthFailed";

    [Reason("HubConnected=False, Allocated=Unknown", "The hub failed.", "Hub internal error (500)", "Read the hub's log.")]
    public const string HubInternalError = "HubInternalError";

    [Reason("HubConnected=False, Allocated=Unknown", "The hub lacks the operation, or what answers is no hub.", "Operation not supported by hub (501)", "Check the address, and that the hub is not older than the agent.")]
    public const string HubNotImplemented = "HubNotImplemented";

    [Reason("HubConnected=False, Allocated=Unknown", "The hub asks to come back later.", "Hub asks to come back later", "Wait; if it stays, the hub is overloaded.")]
    public const string HubThrottled = "HubThrottled";

    [Reason("plan of an IPPoolClaim", "The hub knows the request under another wish. The agent asks anew; no condition changes.", "request 0c0c led to lease east-1", "Nothing.")]
    public const string HubConflict = "HubConflict";

    [Reason("HubConnected=False, Ready=False, Allocated=Unknown", "Another installation speaks for this edge's name, and holds its leases.", "another installation speaks for edge east", "Give one of the two another name, or revoke the leases of the one that is gone for good.")]
    public const string EdgeFenced = "EdgeFenced";

    [Reason("HubConnected=False, Ready=Unknown", "The edge has not been heard for half an hour; it may still serve from its leases.", "edge west has not been heard for 30 minutes; it keeps its leases", "Look at the edge's agent and the network; nothing is taken from it meanwhile.")]
    public const string EdgeHeartbeatMissed = "EdgeHeartbeatMissed";

    // What the hub says of a lease.

    [Reason("Ready=False", "The hub does not know the lease: nothing new is allocated from its block.", "nothing new is allocated from 10.64.0.0/24; what is allocated stays", "Find out whether the hub was restored from a backup; what is allocated stays.")]
    public const string LeaseNotFound = "LeaseNotFound";

    [Reason("Ready=False", "The lease is not one to allocate from any more.", "nothing new is allocated from 10.64.0.0/24; what is allocated stays", "Empty the block: the agent gives it back.")]
    public const string LeaseNotActive = "LeaseNotActive";

    [Reason("Ready=False", "The edge spoke with an epoch that was overtaken.", "nothing new is allocated from 10.64.0.0/24; what is allocated stays", "Find out whether the edge was restored from a backup, or the lease revoked.")]
    public const string StaleEpoch = "StaleEpoch";

    [Reason("Ready=False", "The lease's term is over without renewal: what exists stays, nothing new is allocated.", "nothing new is allocated from 10.64.0.0/24; what is allocated stays", "Bring the hub back within reach; the next renewal opens the block.")]
    public const string LeaseExpired = "LeaseExpired";

    [Reason("Ready=False", "An admin took the block away: what exists stays, nothing new is allocated.", "Lease west-0a1b2c3d4e is revoked; edge west has not said that it knows", "Empty the block; when nothing uses it, set the lease's confirmedEpoch.")]
    public const string LeaseRevoked = "LeaseRevoked";

    // Allocations.

    [Reason("Allocated=False", "The allocation was not made by the rules: it serves no claim, and nothing of its block is handed out while it is there.", "10.0.0.0/28 overlaps 10.0.0.4/30, held by team-a/web", "Find out who made it and whether its addresses are in use; then delete it.")]
    public const string Quarantined = "Quarantined";

    [Reason("Ready=False", "Two holders of one block are known, as after a restore of the hub: neither allocates anything new from it.", "Lease east-0a1b2c3d4e shares 10.64.0.0/24 with lease west-1b2c3d4e5f; nothing new is allocated from it until one of them is given back or revoked", "Find out who uses the block, and revoke the other's lease; one that is empty is given back by itself.")]
    public const string LeaseConflict = "LeaseConflict";

    [Reason("Ready=Unknown", "The edge's full reports do not name a lease the hub has recorded for it.", "Lease west-0a1b2c3d4e is not named by edge west in its reports", "Find out whether the edge was restored from a backup; when nothing uses the block, revoke the lease and confirm.")]
    public const string LeaseAbsent = "LeaseAbsent";

    [Reason("HubConnected=False", "A CIDR the edge must not be given is leased to it already.", "local CIDR 10.64.0.0/16 overlaps lease west-0a1b2c3d4e, 10.64.1.0/24", "Correct the edge's --local-cidrs, or empty the block first: set spec.draining on the lease.")]
    public const string LocalCIDRConflict = "LocalCIDRConflict";

    // After a restore, and what is found out about the fleet.

    [Reason("Recovered=False, Allocated=Unknown", "The hub was restored from a backup: nothing is handed out until it is known what was handed out since.", "the hub was restored from a backup; these edges have not said what they hold: west", "Wait for the edges; say with spec.acceptedStoreEpoch that nobody else is missing, or that an edge or a pool is as the hub knows it.")]
    public const string HubRecovering = "HubRecovering";

    [Reason("Recovered=True", "What is handed out is known again.", "every edge has said what it holds", "Nothing.")]
    public const string Recovered = "Recovered";

    [Reason("Consistent=True", "Everything that was compared goes together.", "2 leases and 40 allocations were compared", "Nothing.")]
    public const string NothingFound = "NothingFound";

    [Reason("Consistent=False", "Two allocations share addresses.", "10.64.0.16/28 of apps/web overlaps 10.64.0.0/27 of apps/db at edge west", "Stop one of the two; then report it, with the audit records of the lease.")]
    public const string OverlapFound = "OverlapFound";

    [Reason("Consistent=False", "An allocation lies outside the leased block it was reported in, or in one the edge does not hold.", "10.65.0.0/28 of apps/web lies outside lease west-0a1b2c3d4e, 10.64.0.0/24", "Find out who made the allocation; delete its claim.")]
    public const string OutsideBlock = "OutsideBlock";

    [Reason("Consistent=False", "An allocation at an edge has no claim.", "10.64.0.16/28 at edge west has no claim", "Wait for the agent to free it; delete the IPAllocation if it stays.")]
    public const string UnknownClaim = "UnknownClaim";

    [Reason("Consistent=False", "A count of addresses is not the sum of what was counted.", "edge west says that 40 addresses of lease west-0a1b2c3d4e are allocated; its inventory has 32", "Wait for the next inventory; if it stays, report it.")]
    public const string CapacityMismatch = "CapacityMismatch";

    // Orders.

    [Reason("Paused=True", "Nothing is done about the object.", "annotation ipam.federation.io/paused is set; nothing is done about this claim", "Remove the annotation.")]
    public const string Paused = "Paused";

    [Reason("Paused=False", "Work goes on.", "work goes on", "Nothing.")]
    public const string Resumed = "Resumed";
}
