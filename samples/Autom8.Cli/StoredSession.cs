using System.Text.Json;
using System.Text.Json.Serialization;
using Autom8.Client;

namespace Autom8.Cli;

/// <summary>Where one is signed in, kept between calls in an owner-only file.</summary>
/// <param name="Server">The service's address.</param>
/// <param name="AccessToken">The token.</param>
/// <param name="ExpiresIn">Seconds that it was good for.</param>
/// <param name="ExpiresAt">When it expires.</param>
/// <param name="RefreshToken">For the next one.</param>
internal sealed record StoredSession(
    Uri Server,
    string AccessToken,
    long ExpiresIn = 0,
    DateTimeOffset ExpiresAt = default,
    string? RefreshToken = null
)
{
    /// <summary>The service that is asked when none is named: <c>AUTOM8_SERVER</c>, or this machine's.</summary>
    public static readonly Uri DefaultServer =
        Environment.GetEnvironmentVariable("AUTOM8_SERVER") is { Length: > 0 } named
        && Uri.TryCreate(named, UriKind.Absolute, out var chosen)
            ? chosen
            : new Uri("http://127.0.0.1:8080");

    /// <summary>An API key that is used in place of a session: the option <c>--api-key</c>, else <c>AUTOM8_API_KEY</c>.</summary>
    public static string? ApiKey { get; set; }

    private static string FilePath =>
        Environment.GetEnvironmentVariable("AUTOM8_SESSION") is { Length: > 0 } chosen
            ? chosen
            : Path.Combine(
                Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData, Environment.SpecialFolderOption.DoNotVerify),
                "autom8",
                "session.json"
            );

    /// <summary>A client that is signed in. It refreshes its session by itself, and keeps what it is answered.</summary>
    /// <exception cref="UsageException">Nobody is.</exception>
    public static Autom8Client Open()
    {
        if (ApiKey is { Length: > 0 } key)
        {
            // The key goes where the session is, unless a server is named.
            var server = Environment.GetEnvironmentVariable("AUTOM8_SERVER") is { Length: > 0 } ? DefaultServer : Read()?.Server;
            var machine = Connect(server ?? DefaultServer);
            try
            {
                machine.UseApiKey(key);
                return machine;
            }
            catch (ArgumentException)
            {
                throw new UsageException("this is no API key: they begin with a8k_. Was it copied whole?");
            }
        }

        var session = Read() ?? throw new UsageException("not signed in. Run: autom8 login");
        var client = Connect(session.Server);
        client.UseSession(session.ToSession(), new SessionFile(session.Server));
        return client;
    }

    /// <summary>The session that is kept, or null.</summary>
    /// <exception cref="UsageException">The file is damaged.</exception>
    public static StoredSession? Read()
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(FilePath), SessionJson.Default.StoredSession);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (JsonException)
        {
            throw new UsageException($"'{FilePath}' is damaged. Run: autom8 login");
        }
    }

    /// <summary>A client that is not signed in.</summary>
    /// <exception cref="UsageException">The address will not do.</exception>
    public static Autom8Client Connect(Uri server)
    {
        try
        {
            // An import answers for as long as it runs.
            return new Autom8Client(new HttpClient { BaseAddress = server, Timeout = Timeout.InfiniteTimeSpan });
        }
        catch (ArgumentException error)
        {
            throw new UsageException(error.Message);
        }
    }

    public static StoredSession From(Uri server, Session session) =>
        new(server, session.AccessToken, session.ExpiresIn, session.ExpiresAt, session.RefreshToken);

    public static void Forget() => File.Delete(FilePath);

    public void Save()
    {
        var path = Path.GetFullPath(FilePath);
        var folder = Path.GetDirectoryName(path)!;
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        // Aside, then in place: another call that reads meanwhile finds the one or the other whole, and the file has its own mode whatever stood there.
        var aside = $"{path}.{Environment.ProcessId}";
        File.Delete(aside);
        using (var file = new FileStream(aside, options))
        {
            JsonSerializer.Serialize(file, this, SessionJson.Default.StoredSession);
        }

        File.Move(aside, path, overwrite: true);
    }

    public override string ToString() => $"Session at {Server}";

    private Session ToSession() => new(AccessToken, ExpiresIn, [], RefreshToken) { ExpiresAt = ExpiresAt };

    /// <summary>The file, as the client reads and writes it: calls at once share one session.</summary>
    private sealed class SessionFile(Uri server) : ISessionStore
    {
        // Signed in elsewhere meanwhile: another service's token is none for this one.
        public ValueTask<Session?> ReadAsync(CancellationToken cancellationToken) =>
            ValueTask.FromResult(Read() is { } kept && kept.Server == server ? kept.ToSession() : null);

        public ValueTask WriteAsync(Session session, CancellationToken cancellationToken)
        {
            if (Read() is not { } kept || kept.Server == server)
            {
                From(server, session).Save();
            }

            return ValueTask.CompletedTask;
        }
    }
}

[JsonSerializable(typeof(StoredSession))]
internal sealed partial class SessionJson : JsonSerializerContext;
