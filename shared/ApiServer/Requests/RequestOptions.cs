namespace Federation.ApiServer;

/// <summary>What becomes of fields that no type knows.</summary>
public enum FieldValidation { Unspecified = 0, Strict, Warn, Ignore }

/// <summary>The query parameters of a write.</summary>
/// <param name="Actor">Who asks, for the audit.</param>
/// <param name="DryRun">Computes everything and keeps nothing.</param>
/// <param name="Manager">Who is to own the fields that are written.</param>
/// <param name="Force">Whether an apply takes fields that others own.</param>
/// <param name="Warn">Told what is dropped with <see cref="FieldValidation.Warn"/>.</param>
public sealed record WriteOptions(
    string Actor, bool DryRun = false, FieldValidation FieldValidation = FieldValidation.Strict, string Manager = "unknown", bool Force = false, Action<string>? Warn = null);

/// <summary>The body of a DELETE, as far as it matters here.</summary>
public sealed record DeleteOptions(string Actor, bool DryRun = false, string? Uid = null, string? ResourceVersion = null);

/// <summary>The query parameters of a list.</summary>
/// <param name="Limit">Objects in one page; 0 is no limit.</param>
public sealed record ListOptions(Selection Selection, int Limit = 0, string? Continue = null, string? ResourceVersion = null, string? ResourceVersionMatch = null);

/// <summary>A page of a list.</summary>
public sealed record ListPage(long Revision, IReadOnlyList<StoredObject> Items, string? Continue, long? Remaining);
