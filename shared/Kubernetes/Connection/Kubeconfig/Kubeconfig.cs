using YamlDotNet.Serialization;

namespace Federation.Kubernetes;

/// <summary>A kubeconfig file, or several merged. What is not listed here is not used.</summary>
sealed class Kubeconfig
{
    [YamlMember(Alias = "current-context")]
    public string? CurrentContext { get; set; }

    [YamlMember(Alias = "clusters")]
    public List<NamedCluster?>? Clusters { get; set; }

    [YamlMember(Alias = "users")]
    public List<NamedUser?>? Users { get; set; }

    [YamlMember(Alias = "contexts")]
    public List<NamedContext?>? Contexts { get; set; }

    public sealed class NamedCluster
    {
        [YamlMember(Alias = "name")]
        public string? Name { get; set; }

        [YamlMember(Alias = "cluster")]
        public Cluster? Cluster { get; set; }
    }

    public sealed class NamedUser
    {
        [YamlMember(Alias = "name")]
        public string? Name { get; set; }

        [YamlMember(Alias = "user")]
        public User? User { get; set; }
    }

    public sealed class NamedContext
    {
        [YamlMember(Alias = "name")]
        public string? Name { get; set; }

        [YamlMember(Alias = "context")]
        public Context? Context { get; set; }
    }

    public sealed class Cluster
    {
        [YamlMember(Alias = "server")]
        public string? Server { get; set; }

        [YamlMember(Alias = "certificate-authority")]
        public string? AuthorityFile { get; set; }

        [YamlMember(Alias = "certificate-authority-data")]
        public string? AuthorityBase64 { get; set; }

        [YamlMember(Alias = "insecure-skip-tls-verify")]
        public bool SkipTlsVerify { get; set; }

        [YamlMember(Alias = "tls-server-name")]
        public string? TlsServerName { get; set; }

        [YamlMember(Alias = "proxy-url")]
        public string? ProxyUrl { get; set; }
    }

    public sealed class User
    {
        [YamlMember(Alias = "client-certificate")]
        public string? CertificateFile { get; set; }

        [YamlMember(Alias = "client-certificate-data")]
        public string? CertificateBase64 { get; set; }

        [YamlMember(Alias = "client-key")]
        public string? KeyFile { get; set; }

        [YamlMember(Alias = "client-key-data")]
        public string? KeyBase64 { get; set; }

        [YamlMember(Alias = "token")]
        public string? Token { get; set; }

        [YamlMember(Alias = "tokenFile")]
        public string? TokenFile { get; set; }

        [YamlMember(Alias = "username")]
        public string? Username { get; set; }

        [YamlMember(Alias = "exec")]
        public Exec? Exec { get; set; }

        [YamlMember(Alias = "auth-provider")]
        public object? AuthProvider { get; set; }
    }

    public sealed class Exec
    {
        [YamlMember(Alias = "apiVersion")]
        public string? ApiVersion { get; set; }

        [YamlMember(Alias = "command")]
        public string? Command { get; set; }

        [YamlMember(Alias = "args")]
        public List<string>? Arguments { get; set; }

        [YamlMember(Alias = "env")]
        public List<Variable>? Environment { get; set; }

        [YamlMember(Alias = "provideClusterInfo")]
        public bool WantsCluster { get; set; }

        [YamlMember(Alias = "interactiveMode")]
        public string? InteractiveMode { get; set; }
    }

    public sealed class Variable
    {
        [YamlMember(Alias = "name")]
        public string Name { get; set; } = "";

        [YamlMember(Alias = "value")]
        public string? Value { get; set; }
    }

    public sealed class Context
    {
        [YamlMember(Alias = "cluster")]
        public string? Cluster { get; set; }

        [YamlMember(Alias = "user")]
        public string? User { get; set; }

        [YamlMember(Alias = "namespace")]
        public string? Namespace { get; set; }
    }
}
