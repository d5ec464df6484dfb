using Federation.Resources;

namespace Federation.Kubernetes;

/// <summary>The calls of <see cref="IKubernetesApi"/> in the forms most often wanted.</summary>
public static class KubernetesApiCalls
{
    extension(IKubernetesApi api)
    {
        public Task<T> CreateAsync<T>(T resource, CancellationToken cancel) where T : Resource => api.CreateAsync(resource, dryRun: false, cancel);

        /// <summary>Deletes the object with this uid and no later one of the name. False when there is none of the name.</summary>
        public Task<bool> DeleteAsync<T>(string? ns, string name, string? uid, CancellationToken cancel) where T : Resource =>
            api.DeleteAsync<T>(ns, name, new DeleteOptions { Uid = uid }, cancel);

        public Task<T> MergePatchAsync<T>(string? ns, string name, object patch, CancellationToken cancel) where T : Resource =>
            api.MergePatchAsync<T>(ns, name, patch, subresource: null, resourceVersion: null, cancel);
    }
}
