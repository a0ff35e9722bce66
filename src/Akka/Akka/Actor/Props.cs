using System.Linq.Expressions;
using System.Reflection;
using System.Runtime.ExceptionServices;
using Akka.Util;

namespace Akka.Actor;

/// <summary>Makes and lets go of the instances of one kind of actor, in place of its constructor.</summary>
public interface IIndirectActorProducer
{
    /// <summary>The kind of actor.</summary>
    Type ActorType { get; }

    /// <summary>A new instance; called for the start and for each restart.</summary>
    ActorBase Produce();

    /// <summary>Takes back an instance that is not used any more.</summary>
    void Release(ActorBase actor);
}

/// <summary>How to make an actor: its class, its constructor's arguments, and how it is deployed.</summary>
public class Props : IEquatable<Props>, ISurrogated
{
    private static readonly object?[] NoArguments = [];

    /// <summary>Makes no actor.</summary>
    public static readonly Props None = new(typeof(EmptyActor));

    private readonly Deploy _deploy;
    private readonly SupervisorStrategy? _strategy;
    private readonly IIndirectActorProducer? _producer;
    private readonly Type? _producerType;

    private Props(
        Type? type,
        object?[] arguments,
        Deploy deploy,
        SupervisorStrategy? strategy,
        IIndirectActorProducer? producer,
        Type? producerType = null
    )
    {
        Type = type ?? producer?.ActorType ?? typeof(ActorBase);
        Arguments = arguments;
        _deploy = deploy;
        _strategy = strategy;
        _producer = producer;
        _producerType = producerType;
    }

    /// <summary>An actor of <paramref name="type"/>.</summary>
    public Props(Type type)
        : this(type, NoArguments) { }

    /// <summary>An actor of <paramref name="type"/>, made with <paramref name="args"/>.</summary>
    public Props(Type type, params object?[] args)
        : this(Checked(type), args, Deploy.Local, null, null) { }

    /// <summary>An actor of <paramref name="type"/> with a place, made with <paramref name="args"/>.</summary>
    public Props(Deploy deploy, Type type, params object?[] args)
        : this(Checked(type), args, deploy, null, null) { }

    /// <summary>Makes an actor that handles nothing.</summary>
    public static Props Empty => None;

    /// <summary>The class of the actor.</summary>
    public Type Type { get; }

    /// <summary>The full name of the class.</summary>
    public string TypeName => Type.AssemblyQualifiedName ?? Type.Name;

    /// <summary>The constructor's arguments.</summary>
    public object?[] Arguments { get; }

    /// <summary>Where and how it runs.</summary>
    public Deploy Deploy => _deploy;

    /// <summary>The dispatcher asked for.</summary>
    public string Dispatcher =>
        string.IsNullOrEmpty(_deploy.Dispatcher) ? Akka.Dispatch.Dispatchers.DefaultDispatcherId : _deploy.Dispatcher;

    /// <summary>The mailbox asked for; empty when none was.</summary>
    public string Mailbox => _deploy.Mailbox;

    /// <summary>The strategy that goes before the actor's own.</summary>
    public SupervisorStrategy? SupervisorStrategy => _strategy;

    /// <summary>An actor made as the <c>new</c> expression <paramref name="factory"/> says; its arguments are evaluated once, now.</summary>
    public static Props Create<TActor>(Expression<Func<TActor>> factory, SupervisorStrategy? supervisorStrategy = null)
        where TActor : ActorBase
    {
        if (factory.Body is not NewExpression construction)
            throw new ArgumentException("The create function must be a 'new T (args)' expression", nameof(factory));
        var arguments = construction.Arguments.Select(Evaluate).ToArray();
        return new Props(construction.Type, arguments, Deploy.Local, supervisorStrategy, null);
    }

    /// <summary>An actor made with <paramref name="args"/>.</summary>
    public static Props Create<TActor>(params object?[] args)
        where TActor : ActorBase => new(typeof(TActor), args);

    /// <summary>An actor with a strategy for its children.</summary>
    public static Props Create<TActor>(SupervisorStrategy supervisorStrategy)
        where TActor : ActorBase, new() => new(typeof(TActor), NoArguments, Deploy.Local, supervisorStrategy, null);

    /// <summary>An actor of <paramref name="type"/>, made with <paramref name="args"/>.</summary>
    public static Props Create(Type type, params object?[] args) => new(type, args);

    /// <summary>An actor made by a producer, which is itself made with <paramref name="args"/>.</summary>
    public static Props CreateBy<TProducer>(params object?[] args)
        where TProducer : class, IIndirectActorProducer
    {
        var producer = (IIndirectActorProducer)Activator.CreateInstance(typeof(TProducer), args)!;
        return new Props(producer.ActorType, args, Deploy.Local, null, producer, typeof(TProducer));
    }

    /// <summary>An actor made by <paramref name="producer"/>.</summary>
    public static Props CreateBy(IIndirectActorProducer producer, params object?[] args) =>
        new(producer.ActorType, args, Deploy.Local, null, producer);

    /// <summary>The same on another dispatcher.</summary>
    public Props WithDispatcher(string dispatcher) => WithDeploy(_deploy.WithDispatcher(dispatcher));

    /// <summary>The same with another mailbox.</summary>
    public Props WithMailbox(string mailbox) => WithDeploy(_deploy.WithMailbox(mailbox));

    /// <summary>The same with a stash of at most <paramref name="stashCapacity"/> messages.</summary>
    public Props WithStashCapacity(int stashCapacity) => WithDeploy(_deploy.WithStashCapacity(stashCapacity));

    /// <summary>The same, deployed as <paramref name="deploy"/> says and otherwise as before.</summary>
    public Props WithDeploy(Deploy deploy) =>
        new(Type, Arguments, deploy.WithFallback(_deploy), _strategy, _producer, _producerType);

    /// <summary>The same with a strategy for its children.</summary>
    public Props WithSupervisorStrategy(SupervisorStrategy supervisorStrategy) =>
        new(Type, Arguments, _deploy, supervisorStrategy, _producer, _producerType);

    /// <summary>A new instance of the actor.</summary>
    public virtual ActorBase NewActor()
    {
        if (_producer is not null)
            return _producer.Produce();
        try
        {
            return (ActorBase)Activator.CreateInstance(Type, Constructors, null, Arguments, null)!;
        }
        catch (TargetInvocationException wrapped) when (wrapped.InnerException is not null)
        {
            ExceptionDispatchInfo.Throw(wrapped.InnerException);
            throw;
        }
    }

    internal void Release(ActorBase actor)
    {
        if (_producer is not null)
            _producer.Release(actor);
        else
            (actor as IDisposable)?.Dispose();
    }

    /// <inheritdoc/>
    public bool Equals(Props? other) =>
        other is not null
        && Type == other.Type
        && _deploy.Equals(other._deploy)
        && Equals(_producer, other._producer)
        && Arguments.SequenceEqual(other.Arguments);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Props);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Type, _deploy, Arguments.Length);

    /// <inheritdoc/>
    public override string ToString() => $"Props({Type}, {Arguments.Length} arguments)";

    /// <inheritdoc/>
    public ISurrogate ToSurrogate(ActorSystem system) =>
        new PropsSurrogate
        {
            Type = Type,
            Deploy = _deploy,
            Arguments = Arguments,
        };

    private const BindingFlags Constructors =
        BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.CreateInstance;

    private static Type Checked(Type type) =>
        type is null ? throw new ArgumentNullException(nameof(type), "Props name the type of an actor.")
        : typeof(ActorBase).IsAssignableFrom(type) || typeof(IIndirectActorProducer).IsAssignableFrom(type) ? type
        : throw new ArgumentException($"Unknown actor producer [{type.FullName}]", nameof(type));

    private static object? Evaluate(Expression argument) =>
        argument is ConstantExpression constant
            ? constant.Value
            : Expression.Lambda<Func<object?>>(Expression.Convert(argument, typeof(object))).Compile(true)();

    /// <summary>The form in which props are written.</summary>
    public class PropsSurrogate : ISurrogate
    {
        /// <summary>The class.</summary>
        public Type Type { get; set; } = typeof(ActorBase);

        /// <summary>The deployment.</summary>
        public Deploy Deploy { get; set; } = Deploy.Local;

        /// <summary>The arguments.</summary>
        public object?[] Arguments { get; set; } = [];

        /// <inheritdoc/>
        public ISurrogated FromSurrogate(ActorSystem system) => new Props(Deploy, Type, Arguments);
    }

    private sealed class EmptyActor : UntypedActor
    {
        protected override void OnReceive(object message) => Unhandled(message);
    }
}
