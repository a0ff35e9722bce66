using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Configuration;

namespace Akka.Dispatch;

/// <summary>The kinds of mailboxes of a system, by their path in its configuration.</summary>
public sealed class Mailboxes
{
    /// <summary>Where nothing else is asked for.</summary>
    public static readonly string DefaultMailboxId = "akka.actor.default-mailbox";

    private static readonly ConcurrentDictionary<Type, Type?> Requirements = new();

    private readonly Settings _settings;
    private readonly ConcurrentDictionary<string, MailboxType> _types = new(StringComparer.Ordinal);
    private readonly Lazy<Dictionary<Type, string>> _requirements;

    /// <summary>Reads from the settings of <paramref name="system"/>.</summary>
    public Mailboxes(ActorSystem system)
    {
        _settings = system.Settings;
        _requirements = new Lazy<Dictionary<Type, string>>(ReadRequirements);
    }

    internal MailboxType Default => Lookup(DefaultMailboxId);

    /// <summary>The kind of a path; throws <see cref="ConfigurationException"/> when there is none.</summary>
    public MailboxType Lookup(string id) => _types.GetOrAdd(id, Configure);

    internal MailboxType GetMailboxType(Props props, Config dispatcherConfig)
    {
        if (!string.IsNullOrEmpty(props.Mailbox))
            return Lookup(props.Mailbox);
        // The section of a dispatcher may name a mailbox for its actors.
        if (dispatcherConfig.HasPath("mailbox-type"))
            return Lookup(dispatcherConfig.GetRequiredString("id"));
        return Required(props.Type) is { } required && _requirements.Value.TryGetValue(required, out var id)
            ? Lookup(id)
            : Default;
    }

    internal int StashCapacity(Props props)
    {
        if (props.Deploy.StashCapacity != Deploy.NoStashSize)
            return props.Deploy.StashCapacity;
        var id =
            !string.IsNullOrEmpty(props.Mailbox) ? props.Mailbox
            : Required(props.Type) is { } required && _requirements.Value.TryGetValue(required, out var found) ? found
            : DefaultMailboxId;
        var key = id + ".stash-capacity";
        return _settings.Config.GetInt(
            _settings.Config.HasPath(key) ? key : DefaultMailboxId + ".stash-capacity",
            Deploy.NoStashSize
        );
    }

    private static Type? Required(Type actorType) =>
        Requirements.GetOrAdd(
            actorType,
            static type =>
                type.GetInterfaces()
                    .FirstOrDefault(i =>
                        i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IRequiresMessageQueue<>)
                    )
                    ?.GetGenericArguments()[0]
        );

    private Dictionary<Type, string> ReadRequirements()
    {
        var requirements = new Dictionary<Type, string>();
        foreach (
            var (name, value) in (
                _settings.Config.GetConfig("akka.actor.mailbox.requirements") ?? Config.Empty
            ).AsEnumerable()
        )
        {
            if (Type.GetType(name.Trim('"')) is not { } type)
                throw new ConfigurationException(
                    $"Type specified as akka.actor.mailbox.requirement [{name}] cannot be loaded"
                );
            requirements[type] = value.GetString() ?? DefaultMailboxId;
        }
        return requirements;
    }

    private MailboxType Configure(string id)
    {
        if (_settings.Config.GetConfig(id) is not { } section)
            throw new ConfigurationException($"Mailbox Type [{id}] not configured");
        var config = section.SafeWithFallback(_settings.Config.GetConfig(DefaultMailboxId));
        var name = config.GetRequiredString("mailbox-type");
        if (Type.GetType(name) is not { } type)
            throw new ConfigurationException(
                $"Found mailbox-type [{name}] in configuration for [{id}], but could not find that type"
            );
        return (MailboxType)Activator.CreateInstance(type, _settings, config)!;
    }
}
