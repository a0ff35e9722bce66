using System.Collections.Concurrent;
using Akka.Configuration;
using Akka.Util;

namespace Akka.Actor;

/// <summary>What <c>akka.actor.deployment</c> says of single paths below the user guardian; elements may be <c>*</c>.</summary>
public class Deployer
{
    /// <summary>Holds where a path says nothing.</summary>
    protected readonly Config Default;

    private readonly ConcurrentDictionary<string, Deploy> _exact = new(StringComparer.Ordinal);
    private readonly ConcurrentBag<(string[] Pattern, Deploy Deploy)> _patterns = [];

    /// <summary>Reads the section.</summary>
    public Deployer(Settings settings)
    {
        var section = settings.Config.GetConfig("akka.actor.deployment") ?? Config.Empty;
        Default = section.GetConfig("default") ?? Config.Empty;
        foreach (var (key, value) in section.AsEnumerable())
        {
            if (key != "default" && value.IsObject())
                SetDeploy(ParseConfig(key.Trim('"'), new Config(new Configuration.Hocon.HoconRoot(value))));
        }
    }

    /// <summary>What is said of a path; null when nothing is.</summary>
    public Deploy? Lookup(ActorPath path)
    {
        if (path.Depth < 2 || !string.Equals(path.Elements[0], "user", StringComparison.Ordinal))
            return null;
        return Lookup(path.Elements.Skip(1));
    }

    /// <summary>What is said of the elements below the guardian; null when nothing is.</summary>
    public Deploy? Lookup(IEnumerable<string> path)
    {
        if (_exact.IsEmpty && _patterns.IsEmpty)
            return null;
        var elements = path.ToArray();
        if (_exact.TryGetValue(string.Join('/', elements), out var deploy))
            return deploy;
        foreach (var (pattern, found) in _patterns)
        {
            if (
                pattern.Length == elements.Length
                && pattern.Zip(elements).All(pair => pair.Second.Like(pair.First, true))
            )
                return found;
        }
        return null;
    }

    /// <summary>Says something of a path.</summary>
    public void SetDeploy(Deploy deploy)
    {
        var path = deploy.Path.Trim('/');
        if (path.Contains('*', StringComparison.Ordinal))
            _patterns.Add((path.Split('/'), deploy));
        else
            _exact[path] = deploy;
    }

    /// <summary>Reads one entry.</summary>
    public virtual Deploy ParseConfig(string key, Config config)
    {
        var entry = config.SafeWithFallback(Default);
        return new Deploy(
            key,
            entry,
            Deploy.NoScopeGiven,
            entry.GetString("dispatcher", Deploy.NoDispatcherGiven),
            entry.GetString("mailbox", Deploy.NoMailboxGiven),
            entry.GetInt("stash-capacity", Deploy.NoStashSize)
        );
    }
}
