using Autom8.Caching;
using Microsoft.Extensions.Options;

namespace Autom8.Contacts.Caching;

/// <summary>Tells Autom8.Caching, where it is the cache, how rows behave there. That a contact is missing, or that the database did not answer, is not remembered.</summary>
internal sealed class ContactCachePolicy(IOptions<ContactsOptions> options) : IConfigureOptions<CachingOptions>
{
    public const string Name = "Autom8.Contacts";
    public const string KeyPrefix = "contact:";

    public void Configure(CachingOptions caching)
    {
        var contacts = options.Value;
        if (contacts.CacheDuration == TimeSpan.Zero)
        {
            return; // no cache is asked
        }

        caching.AddPolicy(
            Name,
            policy =>
            {
                policy.Expiration = contacts.CacheDuration;
                policy.LocalExpiration = contacts.LocalCacheDuration;
                policy.NegativeExpiration = TimeSpan.Zero;
                policy.FailureBackoff = TimeSpan.Zero;
            },
            KeyPrefix
        );
    }
}
