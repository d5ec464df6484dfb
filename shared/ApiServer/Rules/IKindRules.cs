using Federation.Resources;

namespace Federation.ApiServer;

/// <summary>
/// What a process adds to the plain life of a kind's objects. Called inside the transaction: it may write other objects,
/// complete the object's status, or refuse by throwing <see cref="ApiException"/>; then nothing remains.
/// </summary>
public interface IKindRules
{
    /// <summary>The kind these rules are for.</summary>
    KindInfo Kind { get; }

    /// <summary>Answers the object as it is to be stored.</summary>
    Resource Creating(Transaction transaction, Resource wanted) => wanted;

    /// <summary>Answers the new version as it is to be stored. Not called for changes of the status alone.</summary>
    Resource Updating(Transaction transaction, Resource before, Resource wanted) => wanted;

    /// <summary>Somebody asks for deletion; the object may still wait for finalizers.</summary>
    void Deleting(Transaction transaction, Resource current)
    {
    }

    /// <summary>The object goes now.</summary>
    void Removing(Transaction transaction, Resource current)
    {
    }
}
