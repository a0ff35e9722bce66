using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Akka.Actor.Internal;
using Akka.Configuration;

namespace Akka.Actor;

/// <summary>Something that a system has once.</summary>
public interface IExtension;

/// <summary>Names an extension and makes it.</summary>
public interface IExtensionId
{
    /// <summary>The type of the extension.</summary>
    Type ExtensionType { get; }

    /// <summary>The extension of a system, made if need be.</summary>
    object Apply(ActorSystem system);

    /// <summary>The extension of a system.</summary>
    object Get(ActorSystem system);

    /// <summary>A new extension; called once for each system.</summary>
    object CreateExtension(ExtendedActorSystem system);
}

/// <summary>Names an extension and makes it.</summary>
public interface IExtensionId<out T> : IExtensionId
    where T : IExtension
{
    /// <summary>The extension of a system, made if need be.</summary>
    new T Apply(ActorSystem system);

    /// <summary>The extension of a system.</summary>
    new T Get(ActorSystem system);

    /// <summary>A new extension; called once for each system.</summary>
    new T CreateExtension(ExtendedActorSystem system);
}

/// <summary>The base of extension ids.</summary>
public abstract class ExtensionIdProvider<T> : IExtensionId<T>
    where T : IExtension
{
    /// <inheritdoc/>
    public Type ExtensionType => typeof(T);

    /// <inheritdoc/>
    public T Apply(ActorSystem system) => (T)system.RegisterExtension(this)!;

    /// <inheritdoc/>
    public T Get(ActorSystem system) => (T)system.GetExtension(this);

    /// <inheritdoc/>
    public abstract T CreateExtension(ExtendedActorSystem system);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is T;

    /// <inheritdoc/>
    public override int GetHashCode() => typeof(T).GetHashCode();

    object IExtensionId.Apply(ActorSystem system) => Apply(system);

    object IExtensionId.Get(ActorSystem system) => Get(system);

    object IExtensionId.CreateExtension(ExtendedActorSystem system) => CreateExtension(system);
}

/// <summary>Extensions by type argument.</summary>
public static class ActorSystemWithExtensions
{
    /// <summary>The extension of type <typeparamref name="T"/>, made by <paramref name="extensionId"/> if need be.</summary>
    public static T WithExtension<T>(this ActorSystem system, Type extensionId)
        where T : class, IExtension
    {
        if (system.TryGetExtension<T>(out var known))
            return known!;
        return (T)system.RegisterExtension((IExtensionId)Activator.CreateInstance(extensionId)!)!;
    }

    /// <summary>The extension of type <typeparamref name="T"/>, made by <typeparamref name="TI"/> if need be.</summary>
    public static T WithExtension<T, TI>(this ActorSystem system)
        where T : class, IExtension
        where TI : IExtensionId => system.WithExtension<T>(typeof(TI));

    /// <summary>The extension of type <typeparamref name="T"/>, or null when it was not registered.</summary>
    public static T? WithExtension<T>(this ActorSystem system)
        where T : class, IExtension => system.GetExtension<T>();
}

/// <summary>The extensions of one system: each is made once, whoever asks first.</summary>
internal sealed class Extensions(ActorSystemImpl system)
{
    private readonly ConcurrentDictionary<Type, Lazy<object>> _all = new();

    public object Register(IExtensionId id) =>
        _all.GetOrAdd(
            id.ExtensionType,
            static (_, arg) => new Lazy<object>(() => arg.id.CreateExtension(arg.system)),
            (id, system)
        ).Value;

    public object Get(IExtensionId id) => Register(id);

    public bool TryGet(Type type, [NotNullWhen(true)] out object? extension)
    {
        extension = _all.TryGetValue(type, out var lazy) ? lazy.Value : null;
        return extension is not null;
    }

    public void LoadAll(IEnumerable<string> typeNames)
    {
        foreach (var name in typeNames)
        {
            if (Type.GetType(name) is { } type && Activator.CreateInstance(type) is IExtensionId id)
                Register(id);
            else
                throw new ConfigurationException($"[{name}] in akka.extensions is not an 'ExtensionId'");
        }
    }
}
