namespace Federation.Domain.Conditions;

/// <summary>Every condition reason of the project. Users, alerts and tests match on them: they never change meaning.</summary>
public static class Reasons
{
    // Claims and pool claims: condition Allocated.

    /// <summary>True: "CIDR 10.0.1.0/24 allocated from prod".</summary>
    public const string AllocationSucceeded = "AllocationSucceeded";

    /// <summary>"no available block of size /24 in pool prod". Tried again when space appears.</summary>
    public const string PoolExhausted = "PoolExhausted";

    /// <summary>"no pool matches selector env=prod". Tried again when a pool appears or changes its labels.</summary>
    public const string NoMatchingPool = "NoMatchingPool";

    /// <summary>"pool prod not found". Tried again when it appears.</summary>
    public const string PoolNotFound = "PoolNotFound";

    /// <summary>"prefix length /20 is outside the range /24 to /28 of pool prod".</summary>
    public const string PrefixLengthOutOfBounds = "PrefixLengthOutOfBounds";

    /// <summary>"claim asks for IPv6, pool prod is IPv4".</summary>
    public const string AddressFamilyMismatch = "AddressFamilyMismatch";

    /// <summary>"10.0.1.0/24 is not available in pool prod: held by team-a/web".</summary>
    public const string AddressUnavailable = "AddressUnavailable";

    /// <summary>"edge east holds 4 leases of pool prod, its limit is 4".</summary>
    public const string QuotaExceeded = "QuotaExceeded";

    /// <summary>Unknown: nothing has been decided, as while a pool has no block of its own.</summary>
    public const string Pending = "Pending";

    /// <summary>Unknown: the edge has asked the hub for a block and waits for it.</summary>
    public const string WaitingForLease = "WaitingForLease";

    // Pools and pool claims: condition Ready.

    /// <summary>The pool claim has its child pool.</summary>
    public const string Bound = "Bound";

    /// <summary>The pool claim waits for its child pool.</summary>
    public const string ClaimPending = "ClaimPending";

    /// <summary>The pool claim cannot be satisfied; its Allocated condition says why.</summary>
    public const string Error = "Error";

    /// <summary>The child pool has its block.</summary>
    public const string CIDRAssigned = "CIDRAssigned";

    /// <summary>The child pool has no block yet.</summary>
    public const string WaitingParent = "WaitingParent";

    /// <summary>The object is being emptied; nothing new is allocated from it.</summary>
    public const string Draining = "Draining";

    // Hierarchy: condition Ready of an object with children, and the child conditions.

    /// <summary>"All 3 leases are ready".</summary>
    public const string AllReady = "AllReady";

    /// <summary>A child condition that is True: "Lease us-east-0 is ready (40/256 addresses)".</summary>
    public const string Ready = "Ready";

    /// <summary>"2/3 leases are ready".</summary>
    public const string PartiallyReady = "PartiallyReady";

    /// <summary>"No leases are ready".</summary>
    public const string NotReady = "NotReady";

    /// <summary>"No leases found for this pool".</summary>
    public const string NoChildren = "NoChildren";

    /// <summary>"3/3 edges are ready".</summary>
    public const string EdgesReady = "EdgesReady";

    /// <summary>"2/3 edges are ready".</summary>
    public const string EdgesProgressing = "EdgesProgressing";

    // Between edge and hub: condition HubConnected, and Allocated=Unknown of a claim that waits for the hub.

    /// <summary>True: the last exchange with the hub succeeded.</summary>
    public const string Connected = "Connected";

    /// <summary>No connection: socket, name resolution or TLS.</summary>
    public const string HubUnreachable = "HubUnreachable";

    /// <summary>Something between edge and hub answered for it, or the answer took too long.</summary>
    public const string GatewayError = "GatewayError";

    /// <summary>The hub found the request malformed.</summary>
    public const string HubBadRequest = "HubBadRequest";

    /// <summary>The hub does not know the edge, or does not let it do this.</summary>
    public const string HubAuthFailed = "HubAuthFailed";

    /// <summary>The hub does not know the lease.</summary>
    public const string LeaseNotFound = "LeaseNotFound";

    /// <summary>The hub failed.</summary>
    public const string HubInternalError = "HubInternalError";

    /// <summary>The hub lacks the operation: versions differ.</summary>
    public const string HubNotImplemented = "HubNotImplemented";

    /// <summary>The hub asks to come back later.</summary>
    public const string HubThrottled = "HubThrottled";

    /// <summary>The lease is not one to allocate from any more.</summary>
    public const string LeaseNotActive = "LeaseNotActive";

    /// <summary>The edge spoke with an epoch that was overtaken.</summary>
    public const string StaleEpoch = "StaleEpoch";

    /// <summary>The pool still holds something.</summary>
    public const string PoolInUse = "PoolInUse";

    /// <summary>The hub asks to do it again at once; no condition changes for it.</summary>
    public const string HubConflict = "HubConflict";

    /// <summary>Another agent speaks for this edge now.</summary>
    public const string EdgeFenced = "EdgeFenced";

    /// <summary>The lease's term is over without renewal: what exists stays, nothing new is allocated.</summary>
    public const string LeaseExpired = "LeaseExpired";

    /// <summary>The edge has not been heard for half an hour; it may still serve from its leases.</summary>
    public const string EdgeHeartbeatMissed = "EdgeHeartbeatMissed";

    /// <summary>An admin took the block away: what exists stays, nothing new is allocated.</summary>
    public const string LeaseRevoked = "LeaseRevoked";

    /// <summary>Condition Paused, True: nothing is done about the object.</summary>
    public const string Paused = "Paused";

    /// <summary>Condition Paused, False: work goes on.</summary>
    public const string Resumed = "Resumed";
}
