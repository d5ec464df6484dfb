using System.Security.Cryptography;
using System.Text;
using Federation.ApiServer;
using Federation.Kubernetes;

namespace Federation.Hub;

/// <summary>Leaves to a cluster whose token one is (TokenReview) and who may do what (SubjectAccessReview).</summary>
sealed class Delegation(IKubernetesApi api, TimeProvider time)
{
    readonly RecentAnswers<Caller?> tokens = new(time);
    readonly RecentAnswers<bool> rights = new(time);

    /// <summary>Whose token it is; null when the cluster does not know it.</summary>
    /// <exception cref="ApiException">The cluster does not answer.</exception>
    public async Task<Caller?> CallerOfAsync(string token, CancellationToken cancel)
    {
        var key = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
        if (tokens.TryGet(key, out var known)) return known;

        var review = await AskAsync(new TokenReview { Spec = new() { Token = token } }, cancel);
        var caller = review.Status is { Authenticated: true, User: { } user } ? Caller.Of(user) : null;
        tokens.Put(key, caller);
        return caller;
    }

    /// <exception cref="ApiException">The cluster does not answer.</exception>
    public async Task<bool> MayAsync(Caller caller, RequestTarget target, CancellationToken cancel)
    {
        var key = $"{caller.Key}\n{target.Verb}\n{target.Kind}\n{target.Namespace}\n{target.Name}\n{target.Subresource}";
        if (rights.TryGet(key, out var known)) return known;

        var review = await AskAsync(new SubjectAccessReview
        {
            Spec = new()
            {
                User = caller.Name,
                Uid = caller.Uid,
                Groups = caller.Groups,
                Extra = caller.Extra,
                ResourceAttributes = new()
                {
                    Verb = target.Verb,
                    Group = target.Kind.Group,
                    Version = target.Kind.Version,
                    Resource = target.Kind.Plural,
                    Namespace = target.Namespace,
                    Name = target.Name,
                    Subresource = target.Subresource,
                },
            },
        }, cancel);
        var may = review.Status?.Allowed is true;
        rights.Put(key, may);
        return may;
    }

    async Task<T> AskAsync<T>(T review, CancellationToken cancel) where T : Resources.Resource
    {
        try
        {
            return await api.CreateAsync(review, cancel);
        }
        catch (Exception e) when (e is KubernetesApiException or HttpRequestException)
        {
            throw ApiErrors.Unavailable("the cluster that knows who may do what does not answer; try again later");
        }
    }
}
