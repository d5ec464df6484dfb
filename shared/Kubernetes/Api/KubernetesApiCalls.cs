using System.Runtime.CompilerServices;
using Federation.Resources;

namespace Federation.Kubernetes;

/// <summary>The calls of <see cref="IKubernetesApi"/> in the forms most often wanted.</summary>
public static class KubernetesApiCalls
{
    const int PageSize = 500;

    extension(IKubernetesApi api)
    {
        public Task<T> CreateAsync<T>(T resource, CancellationToken cancel) where T : Resource => api.CreateAsync(resource, dryRun: false, cancel);

        /// <summary>Deletes the object with this uid and no later one of the name. False when there is none of the name.</summary>
        public Task<bool> DeleteAsync<T>(string? ns, string name, string? uid, CancellationToken cancel) where T : Resource =>
            api.DeleteAsync<T>(ns, name, new DeleteOptions { Uid = uid }, cancel);

        public Task<T> MergePatchAsync<T>(string? ns, string name, object patch, CancellationToken cancel) where T : Resource =>
            api.MergePatchAsync<T>(ns, name, patch, subresource: null, resourceVersion: null, cancel);

        /// <summary>All objects of a kind as the server has them now, page by page.</summary>
        public async IAsyncEnumerable<ResourceList<T>> PagesAsync<T>([EnumeratorCancellation] CancellationToken cancel) where T : Resource
        {
            string? next = null;
            do
            {
                var page = await api.ListAsync<T>(new() { Limit = PageSize, Continue = next }, cancel);
                yield return page;
                next = page.Continue;
            }
            while (next is not null);
        }
    }
}
