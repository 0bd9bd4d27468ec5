using System.CommandLine;
using Autom8.Client;
using Spectre.Console;

namespace Autom8.Cli;

/// <summary><c>autom8 login</c>: signs in and remembers where. A one-time password is changed on the way.</summary>
internal static class LoginCommand
{
    private static readonly Option<Uri?> Server = new("--server", "-s")
    {
        Description = "The service's address.",
        DefaultValueFactory = _ => StoredSession.DefaultServer,
        CustomParser = static result =>
        {
            if (Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var server) && (server.Scheme is "http" or "https"))
            {
                return server;
            }

            result.AddError("--server must be an address such as https://contacts.example.");
            return null;
        },
    };

    private static readonly Option<string> User = new("--user", "-u")
    {
        Description = "The account's name.",
        DefaultValueFactory = _ => "admin",
    };

    public static Command Create()
    {
        var command = new Command(
            "login",
            "Signs in. Passwords are asked for at the terminal, or read from standard input, a line each: the password, then, if it must be changed, the new one."
        )
        {
            Server,
            User,
        };
        command.SetAction((parsed, cancellation) => RunAsync(parsed.GetValue(Server)!, parsed.GetValue(User)!, cancellation));
        return command;
    }

    private static async Task<int> RunAsync(Uri server, string user, CancellationToken cancellationToken)
    {
        var client = StoredSession.Connect(server);
        var password = Ask("Password:");
        Session session;
        try
        {
            session = await client.LoginAsync(user, password, cancellationToken);
        }
        catch (Autom8ApiException refused) when (refused.Problem.Kind == "password-change-required")
        {
            await Console.Error.WriteLineAsync("This password is good for one use: choose another (12 bytes or more).");
            var chosen = Ask("New password:");
            await client.ChangePasswordAsync(user, password, chosen, cancellationToken);
            session = await client.LoginAsync(user, chosen, cancellationToken);
        }

        new StoredSession(server, session.AccessToken).Save();
        Console.WriteLine($"Signed in to {server} as {user} ({string.Join(", ", session.Roles)}).");
        return ExitCodes.Done;
    }

    // A pipe has no one to prompt, and a terminal must not show what is typed.
    private static string Ask(string question) =>
        Console.IsInputRedirected
            ? Console.ReadLine() ?? throw new UsageException($"standard input ended before the answer to '{question}'.")
            : AnsiConsole.Prompt(new TextPrompt<string>(question).Secret());
}
