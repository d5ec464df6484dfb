using System.Security.Cryptography.X509Certificates;

namespace Federation.Kubernetes;

/// <summary>Connections as kubectl and pods configure them.</summary>
public sealed partial class KubernetesConnection
{
    const string ServiceAccountFolder = "/var/run/secrets/kubernetes.io/serviceaccount";

    /// <summary>The server and user of a kubeconfig's context.</summary>
    /// <param name="path">A file; null for those that <c>$KUBECONFIG</c> lists, merged, or else <c>~/.kube/config</c>.</param>
    /// <param name="context">Null for the current one.</param>
    /// <exception cref="InvalidDataException">The configuration is not complete, not consistent or not readable.</exception>
    /// <exception cref="IOException">A file that it needs cannot be read.</exception>
    public static KubernetesConnection FromKubeconfig(string? path = null, string? context = null) =>
        From(KubeconfigReader.Read(KubeconfigReader.Paths(path, Environment.GetEnvironmentVariable)), context, TimeProvider.System);

    /// <summary>The server of the cluster that this process is a pod of, as the pod's service account.</summary>
    /// <exception cref="InvalidDataException">This process is no pod.</exception>
    public static KubernetesConnection InCluster() => InCluster(ServiceAccountFolder, Environment.GetEnvironmentVariable, TimeProvider.System);

    internal static KubernetesConnection From(Kubeconfig config, string? context, TimeProvider time)
    {
        var (access, ns) = KubeconfigAccess.Of(config, context, time);
        return new() { Http = ServerTransport.Open(access), Base = access.Url, DefaultNamespace = ns ?? "default" };
    }

    internal static KubernetesConnection InCluster(string folder, Func<string, string?> variable, TimeProvider time)
    {
        if (variable("KUBERNETES_SERVICE_HOST") is not { Length: > 0 } host || variable("KUBERNETES_SERVICE_PORT") is not { Length: > 0 } port)
        {
            throw new InvalidDataException("This process is not in a cluster: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set.");
        }

        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(Path.Combine(folder, "ca.crt"));
        var token = Path.Combine(folder, "token");
        var ns = Path.Combine(folder, "namespace");
        var url = new UriBuilder("https", host, int.Parse(port, System.Globalization.CultureInfo.InvariantCulture)).Uri;
        var access = new ServerAccess
        {
            Url = url,
            Authorities = authorities,
            Credentials = new RereadCredentials(() => new Credential(File.ReadAllText(token).Trim(), Certificate: null), time),
        };
        return new()
        {
            Http = ServerTransport.Open(access),
            Base = url,
            DefaultNamespace = File.Exists(ns) ? File.ReadAllText(ns).Trim() : "default",
        };
    }
}
