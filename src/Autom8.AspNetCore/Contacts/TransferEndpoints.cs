using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Autom8.Contacts.Formats;
using Autom8.Contacts.Transfer;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace Autom8.AspNetCore;

/// <summary><c>/contacts/import</c> and <c>/contacts/export</c>: vCard and CSV, whole files.</summary>
internal static class TransferEndpoints
{
    private static readonly byte[] LineEnd = "\n"u8.ToArray();

    public static void MapTransfer(this IEndpointRouteBuilder contacts, string[] roles)
    {
        contacts
            .MapPost("/import", Import)
            .WithName("ImportContacts")
            .WithSummary("Imports a vCard or CSV file; answers a line of JSON for each record once it is durable.")
            .Accepts<string>("text/vcard", "text/x-vcard", "text/csv")
            .Produces<ImportLine>(StatusCodes.Status200OK, "application/x-ndjson")
            .RequireRole(roles);
        contacts
            .MapGet("/export", Export)
            .WithName("ExportContacts")
            .WithSummary("Exports every contact as vCard 4.0 (vcard), vCard 3.0 (vcard3) or CSV (csv).")
            .Produces<string>(StatusCodes.Status200OK, "text/vcard")
            .RequireRole(roles);
    }

    private static async Task<IResult> Import(
        ContactImporter importer,
        RequestLimits limits,
        IOptions<ApiOptions> options,
        HttpContext context,
        CancellationToken cancellationToken
    )
    {
        if (!TryFormat(context.Request.ContentType, out var format))
        {
            return new ProblemResult(ProblemType.UnsupportedMediaType, "Send 'Content-Type: text/vcard' or 'Content-Type: text/csv'.");
        }

        using var place = limits.TryImport();
        if (!place.IsAcquired)
        {
            return new ProblemResult(
                ProblemType.TooManyRequests,
                "As many imports are running as may.",
                retryAfter: TimeSpan.FromSeconds(5)
            );
        }

        // Read whole before the first line is answered: a client that sends and reads in turn would otherwise wait for us while we wait for it.
        // In memory, because a spooled file would hold the addresses in plaintext.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = options.Value.MaxImportBytes;
        }

        using var file = new MemoryStream();
        await context.Request.Body.CopyToAsync(file, cancellationToken).ConfigureAwait(false);
        file.Position = 0;

        var response = context.Response;
        response.ContentType = "application/x-ndjson";
        var outcomes = importer.ImportAsync(file, format, context.Actor(), options: null, cancellationToken);
        await foreach (var outcome in outcomes.ConfigureAwait(false))
        {
            await JsonSerializer
                .SerializeAsync(response.Body, ImportLine.From(outcome), ApiJson.Api.ImportLine, cancellationToken)
                .ConfigureAwait(false);
            await response.Body.WriteAsync(LineEnd, cancellationToken).ConfigureAwait(false);
        }

        return TypedResults.Empty;
    }

    private static async Task<IResult> Export(
        ContactExporter exporter,
        HttpContext context,
        string? format,
        CancellationToken cancellationToken
    )
    {
        IContactWriter? writer = (format ?? "vcard") switch
        {
            "vcard" => new VCardWriter(VCardVersion.V4),
            "vcard3" => new VCardWriter(VCardVersion.V3),
            "csv" => new CsvContactWriter(),
            _ => null,
        };
        if (writer is null)
        {
            return ProblemResult.Invalid("format", "The formats are vcard, vcard3 and csv.");
        }

        context.Response.ContentType = writer.MediaType + "; charset=utf-8";
        context.Response.Headers.ContentDisposition = "attachment; filename=contacts" + writer.FileExtension;
        await exporter.ExportAsync(context.Response.Body, writer, context.Actor(), cancellationToken).ConfigureAwait(false);
        return TypedResults.Empty;
    }

    // Cards are read in every version whatever the type says of it.
    private static bool TryFormat(string? contentType, [NotNullWhen(true)] out ContactFormat? format)
    {
        var type = contentType.AsSpan();
        var end = type.IndexOf(';');
        type = (end < 0 ? type : type[..end]).Trim();
        format =
            type.Equals("text/csv", StringComparison.OrdinalIgnoreCase) ? ContactFormat.Csv
            : type.Equals("text/vcard", StringComparison.OrdinalIgnoreCase)
            || type.Equals("text/x-vcard", StringComparison.OrdinalIgnoreCase)
                ? ContactFormat.VCard
            : null;
        return format is not null;
    }
}
