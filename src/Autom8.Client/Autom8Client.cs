using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Autom8.Client;

/// <summary>The API, typed. Every method throws <see cref="Autom8ApiException"/> when the API refuses, and <see cref="HttpRequestException"/> when it cannot be reached.</summary>
/// <remarks>Safe for use by any number of threads, <see cref="UseSession"/> and <see cref="UseToken"/> apart: they are called before the others.</remarks>
[System.Diagnostics.CodeAnalysis.SuppressMessage(
    "Design",
    "CA1001",
    Justification = "A SemaphoreSlim whose wait handle is never asked for holds nothing that is to be released."
)]
public sealed partial class Autom8Client
{
    private readonly HttpClient _http;

    /// <summary>Creates a client over an <see cref="HttpClient"/> whose base address is the service's, such as <c>https://contacts.example/</c>.</summary>
    /// <param name="http">Sends the requests. Its headers are left alone.</param>
    /// <param name="time">The clock that says when a session is due to be refreshed; the system's when left out.</param>
    /// <exception cref="ArgumentException">The base address is missing, or plaintext HTTP to another machine.</exception>
    public Autom8Client(HttpClient http, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(http);
        if (http.BaseAddress is not { } address)
        {
            throw new ArgumentException("Set the client's BaseAddress to the service's.", nameof(http));
        }

        // A password or a token in plaintext leaves this machine for nobody.
        if (address.Scheme != Uri.UriSchemeHttps && !address.IsLoopback)
        {
            throw new ArgumentException($"'{address}' is plaintext HTTP to another machine. Use https.", nameof(http));
        }

        _http = http;
        _time = time ?? TimeProvider.System;
    }

    /// <summary>Every contact, the oldest first, read page by page.</summary>
    public async IAsyncEnumerable<Contact> ListContactsAsync(
        int pageSize = 100,
        [EnumeratorCancellation] CancellationToken cancellationToken = default
    )
    {
        string? cursor = null;
        do
        {
            var query = string.Create(CultureInfo.InvariantCulture, $"api/v1/contacts?limit={pageSize}");
            var page = await SendAsync(
                    HttpMethod.Get,
                    cursor is null ? query : query + "&cursor=" + Uri.EscapeDataString(cursor),
                    content: null,
                    ClientJson.Default.ContactPage,
                    cancellationToken
                )
                .ConfigureAwait(false);
            foreach (var contact in page.Items)
            {
                yield return contact;
            }

            cursor = page.NextCursor;
        } while (cursor is not null);
    }

    /// <summary>The contact of an id.</summary>
    public Task<Contact> GetContactAsync(Guid id, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Get, $"api/v1/contacts/{id}", content: null, ClientJson.Default.Contact, cancellationToken);

    /// <summary>The contacts that have an e-mail address, in whatever form it is written.</summary>
    public Task<IReadOnlyList<Contact>> FindByEmailAsync(string email, CancellationToken cancellationToken = default) =>
        FindAsync(new Search(email, Phone: null), cancellationToken);

    /// <summary>The contacts that have a phone number, in whatever form it is written.</summary>
    public Task<IReadOnlyList<Contact>> FindByPhoneAsync(string phone, CancellationToken cancellationToken = default) =>
        FindAsync(new Search(Email: null, phone), cancellationToken);

    /// <summary>Creates a contact.</summary>
    public Task<Contact> CreateContactAsync(ContactDraft draft, CancellationToken cancellationToken = default) =>
        SendAsync(
            HttpMethod.Post,
            "api/v1/contacts",
            JsonContent.Create(Settable(draft), ClientJson.Default.ContactDraft),
            ClientJson.Default.Contact,
            cancellationToken
        );

    /// <summary>Replaces a contact, provided it is still at a version.</summary>
    public async Task<Contact> UpdateContactAsync(
        Guid id,
        ContactDraft draft,
        long expectedVersion,
        CancellationToken cancellationToken = default
    )
    {
        using var answer = await SendAsync(
                HttpMethod.Put,
                $"api/v1/contacts/{id}",
                JsonContent.Create(Settable(draft), ClientJson.Default.ContactDraft),
                expectedVersion,
                cancellationToken
            )
            .ConfigureAwait(false);
        return await ReadAsync(answer, ClientJson.Default.Contact, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Deletes a contact; with a version, only if it is still at that.</summary>
    public async Task DeleteContactAsync(Guid id, long? expectedVersion = null, CancellationToken cancellationToken = default)
    {
        using var answer = await SendAsync(HttpMethod.Delete, $"api/v1/contacts/{id}", content: null, expectedVersion, cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>Imports a file. Each line says what became of a record, once that is durable.</summary>
    public async IAsyncEnumerable<ImportLine> ImportContactsAsync(
        Stream file,
        ContactFileFormat format,
        [EnumeratorCancellation] CancellationToken cancellationToken = default
    )
    {
        using var content = new StreamContent(file);
        content.Headers.ContentType = new MediaTypeHeaderValue(format == ContactFileFormat.Csv ? "text/csv" : "text/vcard");
        using var answer = await SendAsync(HttpMethod.Post, "api/v1/contacts/import", content, ifMatch: null, cancellationToken)
            .ConfigureAwait(false);
        var stream = await answer.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = stream.ConfigureAwait(false);
        using var reader = new StreamReader(stream);
        while (await reader.ReadLineAsync(cancellationToken).ConfigureAwait(false) is { } line)
        {
            yield return JsonSerializer.Deserialize(line, ClientJson.Default.ImportLine)!;
        }
    }

    /// <summary>Exports every contact into a stream.</summary>
    public async Task ExportContactsAsync(Stream destination, ContactFileFormat format, CancellationToken cancellationToken = default)
    {
        var name = format switch
        {
            ContactFileFormat.VCard => "vcard",
            ContactFileFormat.VCard3 => "vcard3",
            ContactFileFormat.Csv => "csv",
            _ => throw new ArgumentOutOfRangeException(nameof(format)),
        };
        using var answer = await SendAsync(
                HttpMethod.Get,
                "api/v1/contacts/export?format=" + name,
                content: null,
                ifMatch: null,
                cancellationToken
            )
            .ConfigureAwait(false);
        await answer.Content.CopyToAsync(destination, cancellationToken).ConfigureAwait(false);
    }

    // A contact that was read is a draft too; what the API sets itself, it does not take back.
    private static ContactDraft Settable(ContactDraft draft)
    {
        ArgumentNullException.ThrowIfNull(draft);
        return draft with
        {
            Phones = [.. draft.Phones.Select(phone => phone with { Normalized = null })],
            Emails = [.. draft.Emails.Select(email => email with { Normalized = null })],
        };
    }

    private async Task<IReadOnlyList<Contact>> FindAsync(Search search, CancellationToken cancellationToken)
    {
        var page = await SendAsync(
                HttpMethod.Post,
                "api/v1/contacts/search",
                JsonContent.Create(search, ClientJson.Default.Search),
                ClientJson.Default.ContactPage,
                cancellationToken
            )
            .ConfigureAwait(false);
        return page.Items;
    }

    private async Task<T> SendAsync<T>(
        HttpMethod method,
        string path,
        HttpContent? content,
        JsonTypeInfo<T> type,
        CancellationToken cancellationToken
    )
    {
        using var answer = await SendAsync(method, path, content, ifMatch: null, cancellationToken).ConfigureAwait(false);
        return await ReadAsync(answer, type, cancellationToken).ConfigureAwait(false);
    }

    private async Task<HttpResponseMessage> SendAsync(
        HttpMethod method,
        string path,
        HttpContent? content,
        long? ifMatch,
        CancellationToken cancellationToken
    )
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        request.Headers.Authorization = await AuthorizationAsync(path, cancellationToken).ConfigureAwait(false);
        if (ifMatch is { } version)
        {
            request.Headers.IfMatch.Add(new EntityTagHeaderValue(string.Create(CultureInfo.InvariantCulture, $"\"{version}\"")));
        }

        // The body is read by whoever asked: an export or an import's answer may be long.
        var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        if (answer.IsSuccessStatusCode)
        {
            return answer;
        }

        using (answer)
        {
            throw await RefusalAsync(answer, cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task<T> ReadAsync<T>(HttpResponseMessage answer, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        await answer.Content.ReadFromJsonAsync(type, cancellationToken).ConfigureAwait(false)
        ?? throw new JsonException("The API answered null.");

    private static async Task<Autom8ApiException> RefusalAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        ApiProblem? problem = null;
        // A proxy on the way may answer in its own words.
        if (answer.Content.Headers.ContentType?.MediaType == "application/problem+json")
        {
            problem = await answer.Content.ReadFromJsonAsync(ClientJson.Default.ApiProblem, cancellationToken).ConfigureAwait(false);
        }

        return new Autom8ApiException(
            problem ?? new ApiProblem(null, answer.ReasonPhrase, (int)answer.StatusCode, null, null, null),
            answer.Headers.RetryAfter?.Delta
        );
    }
}
