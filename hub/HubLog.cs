namespace Federation.Hub;

/// <summary>Everything the hub says. Event ids are never reused.</summary>
static partial class HubLog
{
    [LoggerMessage(2001, LogLevel.Information, "Hub is serving: API on {ApiUrl}, edges on {GrpcUrl}, data in {Store}")]
    public static partial void Serving(this ILogger log, Uri apiUrl, Uri grpcUrl, string store);

    [LoggerMessage(2002, LogLevel.Critical, "The store has failed; the hub stops and reads it again at its next start")]
    public static partial void StoreFailed(this ILogger log, Exception e);

    [LoggerMessage(2004, LogLevel.Warning, "The store in {Store} was put back from a copy: it is store {Epoch} from here on, and hands out nothing until it is known what was handed out since")]
    public static partial void FoundCopy(this ILogger log, string store, string epoch);

    [LoggerMessage(2003, LogLevel.Warning, "Lease {Lease} could not be taken back, for the {Failures}. time; tried again in {Pause}")]
    public static partial void NotReaped(this ILogger log, string lease, int failures, TimeSpan pause, Exception e);

    [LoggerMessage(2005, LogLevel.Information, "Stands by for database {Database}: {Why}")]
    public static partial void StandsBy(this ILogger log, string database, string why);

    [LoggerMessage(2006, LogLevel.Information, "Leads in database {Database}: its term {Term} begins")]
    public static partial void Leads(this ILogger log, string database, long term);
}
