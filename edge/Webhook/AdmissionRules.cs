using System.Text;
using System.Text.Json;
using Federation.ApiServer;
using Federation.Resources;

namespace Federation.Edge;

/// <summary>
/// What a cluster's API server must not take: objects that break their kind's rules, changes of what never changes, and the
/// deletion of a pool that holds something. The same rules as those of an API server of our own.
/// </summary>
sealed class AdmissionRules(PoolHolders holders)
{
    /// <summary>Why the request is refused; null when nothing speaks against it.</summary>
    public async Task<ApiStatus?> RefusalAsync(AdmissionRequest request, CancellationToken cancel)
    {
        if (request.SubResource is { Length: > 0 } || KindOf(request.Resource) is not { } kind) return null;
        try
        {
            switch (request.Operation)
            {
                case "CREATE" when request.Object is { } wanted:
                    Check(kind, Read(kind, wanted));
                    break;
                case "UPDATE" when request is { Object: { } wanted, OldObject: { } current }:
                    CheckChange(kind, current, wanted);
                    break;
                case "DELETE" when kind.Type == typeof(IPPool) && request.Name is { } name:
                    await holders.CheckDeletableAsync(name, cancel);
                    break;
            }

            return null;
        }
        catch (ApiException e)
        {
            return e.Status;
        }
    }

    /// <summary>What is not touched is not judged: finalizers and labels of an object that came past us can still be changed.</summary>
    static void CheckChange(KindInfo kind, JsonElement current, JsonElement wanted)
    {
        if (JsonElement.DeepEquals(Spec(current), Spec(wanted))) return;
        var after = Read(kind, wanted);
        Check(kind, after);
        if (TryRead(kind, current) is not { } before) return;
        if (ObjectValidation.Changes(before, after) is { Count: > 0 } changes) throw ApiErrors.Invalid(kind, after.Name, changes);
    }

    static void Check(KindInfo kind, Resource resource)
    {
        List<FieldError> errors = [.. ObjectValidation.Errors(kind, resource), .. NameErrors(resource)];
        if (errors.Count > 0) throw ApiErrors.Invalid(kind, resource.Name, errors);
    }

    /// <summary>An allocation's name says what it holds: by that a second one of the same block is refused.</summary>
    static IEnumerable<FieldError> NameErrors(Resource resource)
    {
        if (resource is not IPAllocation { Spec: { Cidr: { } block, PoolRef.Name: { } pool } } allocation || allocation.Name == IPAllocation.NameOf(pool, block)) yield break;
        yield return FieldError.Invalid("metadata.name", allocation.Name, $"the allocation of {block} of pool {pool} is named {IPAllocation.NameOf(pool, block)}");
    }

    /// <summary>What the API server does not know it has dropped; what it sends beyond that is metadata of later versions.</summary>
    static Resource Read(KindInfo kind, JsonElement json) => ObjectReader.Read(kind, Encoding.UTF8.GetBytes(json.GetRawText()), new WriteOptions("webhook", FieldValidation: FieldValidation.Ignore));

    static Resource? TryRead(KindInfo kind, JsonElement json)
    {
        try
        {
            return Read(kind, json);
        }
        catch (ApiException)
        {
            return null; // it came past us; whatever it becomes is an improvement
        }
    }

    static JsonElement Spec(JsonElement json) => json.ValueKind is JsonValueKind.Object && json.TryGetProperty("spec", out var spec) ? spec : default;

    static KindInfo? KindOf(GroupVersionResource? resource) =>
        resource is { Group: ApiGroup.Name, Version: ApiGroup.Version } ? ResourceDefinitions.Kinds.FirstOrDefault(kind => kind.Plural == resource.Resource) : null;
}
