using System.CommandLine;
using Autom8.Client;

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
            "Signs in. Passwords are asked for at the terminal, or read from standard input, a line each: the password, then, if it must be changed, the new one, or the code of the second factor."
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
        var password = Answers.Secret("Password:");
        string? code = null;
        while (true)
        {
            try
            {
                var session = await client.LoginAsync(user, password, code, cancellationToken);
                StoredSession.From(server, session).Save();
                Console.WriteLine($"Signed in to {server} as {user} ({string.Join(", ", session.Roles)}).");
                return ExitCodes.Done;
            }
            catch (Autom8ApiException refused) when (refused.Problem.Kind == "password-change-required")
            {
                await Console.Error.WriteLineAsync("This password is good for one use: choose another (12 bytes or more).");
                var chosen = Answers.Secret("New password:");
                await client.ChangePasswordAsync(user, password, chosen, cancellationToken);
                password = chosen;
            }
            catch (Autom8ApiException refused) when (refused.Problem.Kind == "second-factor-required" && code is null)
            {
                code = Answers.Line("Code of the second factor, or a recovery code:");
            }
        }
    }
}
