using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Federation.Kubernetes;

/// <summary>Works out what a kubeconfig's context means.</summary>
static class KubeconfigAccess
{
    /// <exception cref="InvalidDataException">The context is not complete or contradicts itself.</exception>
    public static (ServerAccess Access, string? Namespace) Of(Kubeconfig config, string? context, TimeProvider time)
    {
        var name = context ?? config.CurrentContext;
        if (name is not { Length: > 0 }) throw new InvalidDataException("The kubeconfig has no current context, and none is named.");

        var chosen = config.Contexts?.Find(entry => entry!.Name == name)?.Context
            ?? throw new InvalidDataException($"The kubeconfig has no context \"{name}\".");
        var cluster = config.Clusters?.Find(entry => entry!.Name == chosen.Cluster)?.Cluster
            ?? throw new InvalidDataException($"The kubeconfig has no cluster \"{chosen.Cluster}\".");
        var user = chosen.User is not { Length: > 0 }
            ? new Kubeconfig.User()
            : config.Users?.Find(entry => entry!.Name == chosen.User)?.User
                ?? throw new InvalidDataException($"The kubeconfig has no user \"{chosen.User}\".");

        var access = Server(cluster);
        var ns = chosen.Namespace is { Length: > 0 } ? chosen.Namespace : null;
        return (access with { Credentials = Credentials(user, cluster, time) }, ns);
    }

    static ServerAccess Server(Kubeconfig.Cluster cluster)
    {
        if (!Uri.TryCreate(cluster.Server, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
        {
            throw new InvalidDataException($"The kubeconfig's server \"{cluster.Server}\" is no http or https address.");
        }

        if (cluster.SkipTlsVerify && (cluster.AuthorityFile ?? cluster.AuthorityBase64) is not null)
        {
            throw new InvalidDataException("The kubeconfig names a certificate authority and asks not to verify certificates.");
        }

        return new ServerAccess
        {
            Url = url,
            Authorities = Pem(cluster.AuthorityBase64, cluster.AuthorityFile) is { } pem ? Authorities(pem) : null,
            SkipTlsVerify = cluster.SkipTlsVerify,
            TlsServerName = cluster.TlsServerName is { Length: > 0 } name ? name : null,
            Proxy = cluster.ProxyUrl is { Length: > 0 } proxy ? Proxy(proxy) : null,
        };
    }

    static Uri Proxy(string text) => Uri.TryCreate(text, UriKind.Absolute, out var proxy) && proxy.Scheme is "http" or "https" or "socks5"
        ? proxy
        : throw new InvalidDataException($"The kubeconfig's proxy-url \"{text}\" is no http, https or socks5 address.");

    static ICredentials Credentials(Kubeconfig.User user, Kubeconfig.Cluster cluster, TimeProvider time)
    {
        if (user.AuthProvider is not null) throw new InvalidDataException("The kubeconfig's auth-provider is a mechanism of the past; use exec.");
        if (user.Username is { Length: > 0 }) throw new InvalidDataException("The kubeconfig's username is a mechanism of the past; use a token or a certificate.");

        Credential Read() => new(Token(user), Certificate(user));
        if ((user.TokenFile ?? user.CertificateFile ?? user.KeyFile) is not null)
        {
            Read(); // What is wrong from the beginning is said at the beginning.
            return new RereadCredentials(Read, time);
        }

        var given = Read();
        if (given != Credential.None || user.Exec is not { } exec) return new FixedCredentials(given);
        return new ExecCredentials(new ExecPlugin(exec, cluster), time);
    }

    static string? Token(Kubeconfig.User user)
    {
        if (user.TokenFile is { } file) return File.ReadAllText(file).Trim();
        return user.Token is { Length: > 0 } token ? token : null;
    }

    static X509Certificate2? Certificate(Kubeconfig.User user)
    {
        var certificate = Pem(user.CertificateBase64, user.CertificateFile);
        var key = Pem(user.KeyBase64, user.KeyFile);
        if (certificate is null && key is null) return null;
        if (certificate is null || key is null) throw new InvalidDataException("The kubeconfig has a client certificate without key, or a key without certificate.");

        try
        {
            return X509Certificate2.CreateFromPem(certificate, key);
        }
        catch (CryptographicException e)
        {
            throw new InvalidDataException("The kubeconfig's client certificate and key cannot be read, or do not belong together.", e);
        }
    }

    static X509Certificate2Collection Authorities(string pem)
    {
        var authorities = new X509Certificate2Collection();
        try
        {
            authorities.ImportFromPem(pem);
        }
        catch (CryptographicException e)
        {
            throw new InvalidDataException("The kubeconfig's certificate authority cannot be read.", e);
        }

        return authorities.Count > 0 ? authorities : throw new InvalidDataException("The kubeconfig's certificate authority holds no certificate.");
    }

    /// <summary>What is written in the kubeconfig itself comes before what a file says.</summary>
    static string? Pem(string? base64, string? file)
    {
        if (base64 is not { Length: > 0 }) return file is null ? null : File.ReadAllText(file);
        try
        {
            return Encoding.UTF8.GetString(Convert.FromBase64String(base64));
        }
        catch (FormatException e)
        {
            throw new InvalidDataException("The kubeconfig's certificate data is not base64.", e);
        }
    }
}
