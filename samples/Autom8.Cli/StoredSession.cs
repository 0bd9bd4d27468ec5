using System.Text.Json;
using System.Text.Json.Serialization;
using Autom8.Client;

namespace Autom8.Cli;

/// <summary>Where one is signed in, kept between calls in an owner-only file.</summary>
/// <param name="Server">The service's address.</param>
/// <param name="AccessToken">The token.</param>
internal sealed record StoredSession(Uri Server, string AccessToken)
{
    /// <summary>The service that is asked when none is named.</summary>
    public static readonly Uri DefaultServer = new("http://127.0.0.1:8080");

    private static string FilePath =>
        Environment.GetEnvironmentVariable("AUTOM8_SESSION") is { Length: > 0 } chosen
            ? chosen
            : Path.Combine(
                Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData, Environment.SpecialFolderOption.DoNotVerify),
                "autom8",
                "session.json"
            );

    /// <summary>A client that is signed in.</summary>
    /// <exception cref="UsageException">Nobody is.</exception>
    public static Autom8Client Open()
    {
        if (!File.Exists(FilePath))
        {
            throw new UsageException("not signed in. Run: autom8 login");
        }

        StoredSession? session;
        try
        {
            session = JsonSerializer.Deserialize(File.ReadAllBytes(FilePath), SessionJson.Default.StoredSession);
        }
        catch (JsonException)
        {
            session = null;
        }

        if (session is null)
        {
            throw new UsageException($"'{FilePath}' is damaged. Run: autom8 login");
        }

        var client = Connect(session.Server);
        client.UseToken(session.AccessToken);
        return client;
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

    public void Save()
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(FilePath))!;
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

        // Deleted first, so that the new file has its own mode whatever stood there.
        File.Delete(FilePath);
        using var file = new FileStream(FilePath, options);
        JsonSerializer.Serialize(file, this, SessionJson.Default.StoredSession);
    }

    public override string ToString() => $"Session at {Server}";
}

[JsonSerializable(typeof(StoredSession))]
internal sealed partial class SessionJson : JsonSerializerContext;
