using Microsoft.AspNetCore.Http;

namespace Autom8.AspNetCore;

/// <summary>The kinds of problem that the API answers with.</summary>
internal readonly record struct ProblemType(string Name, string Title, int Status)
{
    public static readonly ProblemType InvalidRequest = new("invalid-request", "The request is not valid", StatusCodes.Status400BadRequest);
    public static readonly ProblemType TlsRequired = new(
        "tls-required",
        "Plaintext HTTP is accepted from this machine only",
        StatusCodes.Status400BadRequest
    );
    public static readonly ProblemType Unauthenticated = new("unauthenticated", "Sign in first", StatusCodes.Status401Unauthorized);
    public static readonly ProblemType SignInRefused = new(
        "sign-in-refused",
        "The name or the password is wrong",
        StatusCodes.Status401Unauthorized
    );
    public static readonly ProblemType SessionEnded = new("session-ended", "The sign-in has ended", StatusCodes.Status401Unauthorized);
    public static readonly ProblemType SecondFactorRequired = new(
        "second-factor-required",
        "The account has a second factor",
        StatusCodes.Status403Forbidden
    );
    public static readonly ProblemType PasswordChangeRequired = new(
        "password-change-required",
        "The password must be changed first",
        StatusCodes.Status403Forbidden
    );
    public static readonly ProblemType PasswordExpired = new(
        "password-expired",
        "The one-time password has expired",
        StatusCodes.Status403Forbidden
    );
    public static readonly ProblemType Forbidden = new("forbidden", "The account lacks the role for this", StatusCodes.Status403Forbidden);
    public static readonly ProblemType NotFound = new("not-found", "There is no such resource", StatusCodes.Status404NotFound);
    public static readonly ProblemType MethodNotAllowed = new(
        "method-not-allowed",
        "The resource does not do this",
        StatusCodes.Status405MethodNotAllowed
    );
    public static readonly ProblemType Conflict = new(
        "conflict",
        "It is already there, or in another state",
        StatusCodes.Status409Conflict
    );
    public static readonly ProblemType StaleVersion = new(
        "stale-version",
        "The resource has changed since it was read",
        StatusCodes.Status412PreconditionFailed
    );
    public static readonly ProblemType TooLarge = new("too-large", "The request body is too large", StatusCodes.Status413PayloadTooLarge);
    public static readonly ProblemType UnsupportedMediaType = new(
        "unsupported-media-type",
        "The body's type is not understood",
        StatusCodes.Status415UnsupportedMediaType
    );
    public static readonly ProblemType VersionRequired = new(
        "version-required",
        "If-Match is needed",
        StatusCodes.Status428PreconditionRequired
    );
    public static readonly ProblemType TooManyRequests = new(
        "too-many-requests",
        "Too many requests",
        StatusCodes.Status429TooManyRequests
    );
    public static readonly ProblemType DamagedRecord = new(
        "damaged-record",
        "A stored record cannot be decrypted",
        StatusCodes.Status500InternalServerError
    );
    public static readonly ProblemType Failed = new("failed", "The service failed to answer", StatusCodes.Status500InternalServerError);
    public static readonly ProblemType Busy = new("busy", "The service is busy", StatusCodes.Status503ServiceUnavailable);

    /// <summary>The kind for a bare status code, as routing and Kestrel set it.</summary>
    public static ProblemType ForStatus(int status) =>
        status switch
        {
            StatusCodes.Status401Unauthorized => Unauthenticated,
            StatusCodes.Status403Forbidden => Forbidden,
            StatusCodes.Status404NotFound => NotFound,
            StatusCodes.Status405MethodNotAllowed => MethodNotAllowed,
            StatusCodes.Status413PayloadTooLarge => TooLarge,
            StatusCodes.Status415UnsupportedMediaType => UnsupportedMediaType,
            StatusCodes.Status429TooManyRequests => TooManyRequests,
            >= 400 and < 500 => InvalidRequest with { Status = status },
            _ => Failed with { Status = status },
        };

    public Problem With(string? detail, string? requestId, IReadOnlyDictionary<string, string[]>? errors = null) =>
        new("urn:problem-type:autom8:" + Name, Title, Status, detail, requestId, errors);
}
