using Autom8.Contacts;
using Autom8.Security.Accounts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Autom8.AspNetCore;

/// <summary><c>/contacts</c>: create, read, update, delete, list, and exact search by e-mail or phone.</summary>
internal static class ContactEndpoints
{
    private static readonly string[] Readers = [AccountRoles.Viewer, AccountRoles.Editor, AccountRoles.Administrator];
    private static readonly string[] Writers = [AccountRoles.Editor, AccountRoles.Administrator];

    public static void MapContacts(this IEndpointRouteBuilder api)
    {
        var contacts = api.MapGroup("/contacts").WithTags("Contacts");
        contacts
            .MapGet("/", List)
            .WithName("ListContacts")
            .WithSummary("Lists contacts, the oldest first, page by page.")
            .RequireRole(Readers);
        contacts.MapPost("/", Create).WithName("CreateContact").WithSummary("Creates a contact.").RequireRole(Writers);
        contacts
            .MapGet("/{id:guid}", Get)
            .WithName("GetContact")
            .WithSummary("Reads a contact; its version is the ETag.")
            .RequireRole(Readers);
        contacts
            .MapPut("/{id:guid}", Update)
            .WithName("UpdateContact")
            .WithSummary("Replaces a contact, provided it is still at the version under If-Match.")
            .RequireRole(Writers);
        contacts
            .MapDelete("/{id:guid}", Delete)
            .WithName("DeleteContact")
            .WithSummary("Deletes a contact; with If-Match, only at that version.")
            .RequireRole(Writers);
        contacts
            .MapPost("/search", Search)
            .WithMetadata(OnlyReads.Instance)
            .WithName("SearchContacts")
            .WithSummary("Finds contacts by an exact e-mail address or phone number, in whatever form it is written.")
            .RequireRole(Readers);
        contacts.MapTransfer(Writers);
    }

    private static async Task<Ok<ContactListResponse>> List(
        ContactBook book,
        int? limit,
        string? cursor,
        CancellationToken cancellationToken
    )
    {
        var page = await book.ListAsync(limit, cursor, cancellationToken).ConfigureAwait(false);
        return TypedResults.Ok(ContactListResponse.From(page));
    }

    private static async Task<Created<ContactResponse>> Create(
        ContactRequest request,
        ContactBook book,
        HttpContext context,
        CancellationToken cancellationToken
    )
    {
        var contact = ContactResponse.From(
            await book.CreateAsync(request.ToDraft(), context.Actor(), cancellationToken).ConfigureAwait(false)
        );
        context.Response.Headers.ETag = contact.ETag();
        return TypedResults.Created($"/api/v1/contacts/{contact.Id}", contact);
    }

    private static async Task<Results<Ok<ContactResponse>, StatusCodeHttpResult>> Get(
        Guid id,
        ContactBook book,
        HttpContext context,
        CancellationToken cancellationToken
    )
    {
        var contact = ContactResponse.From(await book.GetAsync(id, cancellationToken).ConfigureAwait(false));
        context.Response.Headers.ETag = contact.ETag();
        return context.Request.Headers.IfNoneMatch == contact.ETag()
            ? TypedResults.StatusCode(StatusCodes.Status304NotModified)
            : TypedResults.Ok(contact);
    }

    private static async Task<Results<Ok<ContactResponse>, ProblemResult>> Update(
        Guid id,
        ContactRequest request,
        ContactBook book,
        HttpContext context,
        CancellationToken cancellationToken
    )
    {
        if (!Preconditions.TryRead(context, required: true, out var version, out var refusal))
        {
            return refusal!;
        }

        // If-Match: * asks for whatever is there: it is read first, and the change made against that.
        version ??= (await book.GetAsync(id, cancellationToken).ConfigureAwait(false)).Version;
        var contact = ContactResponse.From(
            await book.UpdateAsync(id, request.ToDraft(), version.Value, context.Actor(), cancellationToken).ConfigureAwait(false)
        );
        context.Response.Headers.ETag = contact.ETag();
        return TypedResults.Ok(contact);
    }

    private static async Task<Results<NoContent, ProblemResult>> Delete(
        Guid id,
        ContactBook book,
        HttpContext context,
        CancellationToken cancellationToken
    )
    {
        if (!Preconditions.TryRead(context, required: false, out var version, out var refusal))
        {
            return refusal!;
        }

        await book.DeleteAsync(id, version, context.Actor(), cancellationToken).ConfigureAwait(false);
        return TypedResults.NoContent();
    }

    private static async Task<Results<Ok<ContactListResponse>, ProblemResult>> Search(
        ContactSearchRequest request,
        ContactBook book,
        CancellationToken cancellationToken
    )
    {
        ContactPage? page = request switch
        {
            { Email: { } email, Phone: null } => await book.FindByEmailAsync(email, request.Limit, request.Cursor, cancellationToken)
                .ConfigureAwait(false),
            { Email: null, Phone: { } phone } => await book.FindByPhoneAsync(phone, request.Limit, request.Cursor, cancellationToken)
                .ConfigureAwait(false),
            _ => null,
        };
        return page is null
            ? ProblemResult.Invalid("email", "Give either 'email' or 'phone', and only one of them.")
            : TypedResults.Ok(ContactListResponse.From(page));
    }
}
