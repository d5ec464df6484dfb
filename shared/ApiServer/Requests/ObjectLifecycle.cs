using Federation.Resources;

namespace Federation.ApiServer;

/// <summary>What the server decides about an object's metadata: identity, versions, generations, deletion.</summary>
sealed class ObjectLifecycle(Func<Guid> newUid, Func<int, int> draw)
{
    /// <summary>Without vowels and look-alikes, as Kubernetes: generated names spell no words.</summary>
    const string SuffixLetters = "bcdfghjklmnpqrstvwxz2456789";

    const int SuffixLength = 5;
    const int NameMax = 63;

    /// <summary>An object from outside, checked against its URL and its type's rules.</summary>
    public static Resource Prepare(KindInfo kind, string? ns, Resource given)
    {
        if (given.ApiVersion is not null && given.ApiVersion != kind.ApiVersion) throw Mismatch("apiVersion", given.ApiVersion, kind.ApiVersion);
        if (given.Kind is not null && given.Kind != kind.Name) throw Mismatch("kind", given.Kind, kind.Name);
        if (given.Metadata is null) throw ApiErrors.Invalid(kind, "", [FieldError.Required("metadata", "must be given")]);
        if (kind.IsNamespaced && given.Metadata.Namespace is { Length: > 0 } own && own != ns)
        {
            throw ApiErrors.BadRequest($"the namespace of the object ({own}) does not match the namespace on the request ({ns})", [FieldError.Invalid("metadata.namespace", own, $"must be {ns}")]);
        }

        if (given.Intent is null && kind.Type.GetProperty("Spec") is not null) throw ApiErrors.Invalid(kind, given.Name, [FieldError.Required("spec", "must be given")]);
        var place = kind.IsNamespaced ? ns : null;
        var placed = given.Metadata.Namespace == place ? given : given with { Metadata = given.Metadata with { Namespace = place } };
        var errors = ObjectValidation.Errors(kind, placed);
        return errors.Count == 0 ? placed : throw ApiErrors.Invalid(kind, placed.Name, errors);
    }

    /// <summary>A new object: an identity, a first generation, and no status but what its rules give it.</summary>
    public Resource Born(Transaction transaction, KindInfo kind, Resource wanted) => (wanted.Report is null ? wanted : wanted.WithStatusOf(kind.Blank)) with
    {
        Metadata = wanted.Metadata with
        {
            Name = wanted.Name.Length > 0 ? wanted.Name : Generate(wanted.Metadata.GenerateName!),
            Uid = newUid().ToString(),
            ResourceVersion = null,
            Generation = 1,
            CreationTimestamp = transaction.Now.AddTicks(-(transaction.Now.Ticks % TimeSpan.TicksPerSecond)),
            DeletionTimestamp = null,
            DeletionGracePeriodSeconds = null,
            SelfLink = null,
        },
    };

    /// <summary>The next version when everything but the status is written.</summary>
    public static Resource WithSpec(KindInfo kind, Resource current, Resource wanted)
    {
        var errors = ObjectValidation.Changes(current, wanted);
        if (current.Metadata.IsDeleting() && (wanted.Metadata.Finalizers ?? []).Except(current.Metadata.Finalizers ?? []).Any())
        {
            errors.Add(FieldError.Forbidden("metadata.finalizers", "no new finalizers can be added if the object is being deleted"));
        }

        if (errors.Count > 0) throw ApiErrors.Invalid(kind, current.Name, errors);
        var changed = !ResourceJson.Same(current.Intent, wanted.Intent);
        return wanted.WithStatusOf(current) with
        {
            ApiVersion = current.ApiVersion,
            Kind = current.Kind,
            Metadata = wanted.Metadata with
            {
                Uid = current.Metadata.Uid,
                ResourceVersion = current.Metadata.ResourceVersion,
                Generation = current.Metadata.Generation + (changed ? 1 : 0),
                CreationTimestamp = current.Metadata.CreationTimestamp,
                DeletionTimestamp = current.Metadata.DeletionTimestamp,
                DeletionGracePeriodSeconds = current.Metadata.DeletionGracePeriodSeconds,
                GenerateName = current.Metadata.GenerateName,
                SelfLink = null,
            },
        };
    }

    /// <summary>The next version when only the status is written.</summary>
    public static Resource WithStatus(KindInfo kind, Resource current, Resource wanted) =>
        kind.HasStatus ? current.WithStatusOf(wanted) : throw ApiErrors.NoSuchPath();

    public static void CheckPreconditions(KindInfo kind, Resource current, string? uid, string? resourceVersion)
    {
        if (!string.IsNullOrEmpty(uid) && uid != current.Metadata.Uid)
        {
            throw ApiErrors.Conflict(kind, current.Name, $"Precondition failed: UID in precondition: {uid}, UID in object meta: {current.Metadata.Uid}");
        }

        if (!string.IsNullOrEmpty(resourceVersion) && resourceVersion != current.Metadata.ResourceVersion) throw ApiErrors.Modified(kind, current.Name);
    }

    string Generate(string prefix)
    {
        var stem = prefix.Length > NameMax - SuffixLength ? prefix[..(NameMax - SuffixLength)] : prefix;
        return stem + string.Create(SuffixLength, draw, static (suffix, draw) =>
        {
            for (var i = 0; i < suffix.Length; i++) suffix[i] = SuffixLetters[draw(SuffixLetters.Length)];
        });
    }

    static ApiException Mismatch(string field, string given, string wanted) =>
        ApiErrors.BadRequest($"the {field} in the data ({given}) does not match the expected one ({wanted})", [FieldError.Invalid(field, given, $"must be {wanted}")]);
}
