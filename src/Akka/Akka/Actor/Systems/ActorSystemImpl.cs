using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using Akka.Actor.Setup;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Event;
using Akka.Util;

namespace Akka.Actor.Internal;

/// <summary>The one kind of actor system.</summary>
public class ActorSystemImpl : ExtendedActorSystem
{
    private static readonly long ClockStart = Stopwatch.GetTimestamp();

    private readonly Extensions _extensions;
    private readonly Lazy<Akka.Serialization.Serialization> _serialization;
    private readonly TerminationCallbacks _termination;
    private bool _loggersStarted;

    internal ActorSystemImpl(string name, Config config, ActorSystemSetup setup)
    {
        if (!IsValidName(name))
            throw new ArgumentException(
                $"Invalid ActorSystem name [{name}], must contain only word characters (i.e. [a-zA-Z0-9] plus non-leading '-')",
                nameof(name)
            );
        Name = name;
        Settings = new Settings(this, config, setup);
        EventStream = new EventStream(Settings.DebugEventStream);
        EventStream.StartStdoutLogger(Settings);
        Log = new BusLogging(EventStream, $"ActorSystem({name})", typeof(ActorSystemImpl), Settings.LogFormatter);
        _extensions = new Extensions(this);
        _serialization = new Lazy<Akka.Serialization.Serialization>(() => new Akka.Serialization.Serialization(this));
        Scheduler = CreateScheduler();
        try
        {
            Mailboxes = new Mailboxes(this);
            Dispatchers = new Dispatchers(
                this,
                new DefaultDispatcherPrerequisites(EventStream, Scheduler, Settings, Mailboxes),
                Log
            );
            Provider = CreateProvider();
            _termination = new TerminationCallbacks(Provider.TerminationTask);
            Provider.Init(this);
        }
        catch
        {
            // Whatever was started before the failure has threads.
            (Scheduler as IDisposable)?.Dispose();
            Dispatchers?.ShutdownAll();
            if (_loggersStarted)
                EventStream.StopDefaultLoggers(this);
            throw;
        }
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override Settings Settings { get; }

    /// <inheritdoc/>
    public override ILoggingAdapter Log { get; }

    /// <inheritdoc/>
    public override EventStream EventStream { get; }

    /// <inheritdoc/>
    public override IScheduler Scheduler { get; }

    /// <inheritdoc/>
    public override Mailboxes Mailboxes { get; }

    /// <inheritdoc/>
    public override Dispatchers Dispatchers { get; }

    /// <inheritdoc/>
    public override IActorRefProvider Provider { get; }

    /// <inheritdoc/>
    public override Akka.Serialization.Serialization Serialization => _serialization.Value;

    /// <inheritdoc/>
    public override IActorRef DeadLetters => Provider.DeadLetters;

    /// <inheritdoc/>
    public override IActorRef IgnoreRef => Provider.IgnoreRef;

    /// <inheritdoc/>
    public override IInternalActorRef Guardian => Provider.Guardian;

    /// <inheritdoc/>
    public override IInternalActorRef SystemGuardian => Provider.SystemGuardian;

    /// <inheritdoc/>
    public override IInternalActorRef LookupRoot => Provider.RootGuardian;

    /// <inheritdoc/>
    public override TimeSpan StartTime { get; } = Stopwatch.GetElapsedTime(ClockStart);

    /// <inheritdoc/>
    public override TimeSpan Uptime => Stopwatch.GetElapsedTime(ClockStart) - StartTime;

    /// <inheritdoc/>
    public override Task WhenTerminated => _termination.Task;

    /// <summary>Starts loggers and extensions.</summary>
    public void Start()
    {
        try
        {
            StartLoggers();
            if (Settings.DebugUnhandledMessage)
                EventStream.Subscribe(
                    SystemActorOf(Props.Create(typeof(UnhandledMessageListener)), "unhandledMessageForwarder"),
                    typeof(UnhandledMessage)
                );
            if (Settings.LogDeadLetters > 0)
                SystemActorOf<DeadLetterListener>("deadLetterListener");
            CoordinatedShutdown.Get(this);
            _extensions.LoadAll(Settings.Config.GetStringList("akka.extensions"));
            if (Settings.LogConfigOnStart)
                Log.Info(Settings.ToString());
        }
        catch
        {
            FinalTerminate();
            throw;
        }
    }

    /// <inheritdoc/>
    public override IActorRef ActorOf(Props props, string? name = null) =>
        Provider.Guardian.Cell.AttachChild(props, isSystemService: false, name);

    /// <inheritdoc/>
    public override IActorRef SystemActorOf(Props props, string? name = null) =>
        Provider.SystemGuardian.Cell.AttachChild(props, isSystemService: true, name);

    /// <inheritdoc/>
    public override IActorRef SystemActorOf<TActor>(string? name = null) => SystemActorOf(Props.Create<TActor>(), name);

    /// <inheritdoc/>
    public override ActorSelection ActorSelection(ActorPath actorPath) =>
        ActorRefFactoryShared.ActorSelection(actorPath, this);

    /// <inheritdoc/>
    public override ActorSelection ActorSelection(string actorPath) =>
        ActorRefFactoryShared.ActorSelection(actorPath, this, Provider.RootGuardian);

    /// <inheritdoc/>
    public override void Stop(IActorRef actor)
    {
        var parent = actor.Path.Parent;
        if (parent.Equals(Guardian.Path))
            Guardian.Tell(new StopChild(actor), ActorRefs.NoSender);
        else if (parent.Equals(SystemGuardian.Path))
            SystemGuardian.Tell(new StopChild(actor), ActorRefs.NoSender);
        else
            ((IInternalActorRef)actor).Stop();
    }

    /// <inheritdoc/>
    public override object GetExtension(IExtensionId extensionId) => _extensions.Get(extensionId);

    /// <inheritdoc/>
    public override T? GetExtension<T>()
        where T : class => TryGetExtension<T>(out var extension) ? extension : null;

    /// <inheritdoc/>
    public override bool HasExtension(Type type) => _extensions.TryGet(type, out _);

    /// <inheritdoc/>
    public override bool HasExtension<T>() => HasExtension(typeof(T));

    /// <inheritdoc/>
    public override bool TryGetExtension(Type extensionType, out object? extension) =>
        _extensions.TryGet(extensionType, out extension);

    /// <inheritdoc/>
    public override bool TryGetExtension<T>(out T? extension)
        where T : class
    {
        var found = _extensions.TryGet(typeof(T), out var value);
        extension = value as T;
        return found;
    }

    /// <inheritdoc/>
    public override object? RegisterExtension(IExtensionId extension) => _extensions.Register(extension);

    /// <inheritdoc/>
    public override void RegisterOnTermination(Action code) => _termination.Add(code);

    /// <inheritdoc/>
    public override Task Terminate()
    {
        if (Settings.CoordinatedShutdownRunByActorSystemTerminate)
            _ = CoordinatedShutdown.Get(this).Run(CoordinatedShutdown.ActorSystemTerminateReason.Instance);
        else
            FinalTerminate();
        return WhenTerminated;
    }

    /// <inheritdoc/>
    public override string ToString() => Provider.RootPath.Address.ToString();

    /// <summary>Starts the loggers, once: a provider whose own start has something to log calls it first.</summary>
    internal void StartLoggers()
    {
        if (_loggersStarted)
            return;
        _loggersStarted = true;
        EventStream.StartUnsubscriber(this);
        EventStream.StartDefaultLoggers(this);
    }

    internal void FinalTerminate()
    {
        EventStream.Publish(
            new Event.Debug("ActorSystem(" + Name + ")", typeof(ActorSystemImpl), "System shutdown initiated")
        );
        if (Settings.LogDeadLetters > 0 && !Settings.LogDeadLettersDuringShutdown)
            Stop(Provider.SystemGuardian.Cell.GetSingleChild("deadLetterListener"));
        Provider.Guardian.Stop();
    }

    internal override string PrintTree()
    {
        var text = new StringBuilder();
        Print(Provider.RootGuardian, "");
        return text.ToString();

        void Print(IActorRef reference, string indent)
        {
            text.Append(indent).Append(reference.Path.Name.Length == 0 ? "/" : reference.Path.Name).Append('\n');
            if (reference is not ActorRefWithCell cell)
                return;
            foreach (var child in cell.Children.OrderBy(c => c.Path.Name, StringComparer.Ordinal))
                Print(child, indent + "  ");
        }
    }

    private static bool IsValidName(string name) =>
        !string.IsNullOrEmpty(name)
        && char.IsAsciiLetterOrDigit(name[0])
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-');

    private IScheduler CreateScheduler()
    {
        var type =
            Type.GetType(Settings.SchedulerClass)
            ?? throw new ConfigurationException($"Scheduler not found: [{Settings.SchedulerClass}]");
        return (IScheduler)Activator.CreateInstance(type, Settings.Config, Log)!;
    }

    private IActorRefProvider CreateProvider()
    {
        var type =
            Type.GetType(Settings.ProviderClass)
            ?? throw new ConfigurationException(
                $"'akka.actor.provider' is not a valid type name : '{Settings.ProviderClass}'"
            );
        return (IActorRefProvider)
            Activator.CreateInstance(
                type,
                System.Reflection.BindingFlags.Instance
                    | System.Reflection.BindingFlags.Public
                    | System.Reflection.BindingFlags.NonPublic,
                null,
                [Name, Settings, EventStream],
                null
            )!;
    }

    internal void ShutDown()
    {
        (Scheduler as IDisposable)?.Dispose();
        Dispatchers.ShutdownAll();
        EventStream.StopDefaultLoggers(this);
    }

    /// <summary>The callbacks for the end, run once after the last actor; the last added first.</summary>
    private sealed class TerminationCallbacks
    {
        private readonly Lock _lock = new();
        private readonly Stack<Action> _callbacks = new();
        private bool _ran;

        public TerminationCallbacks(Task upStream) => Task = RunAfter(upStream);

        public Task Task { get; }

        public void Add(Action code)
        {
            lock (_lock)
            {
                if (_ran)
                    throw new InvalidOperationException("ActorSystem already terminated.");
                _callbacks.Push(code);
            }
        }

        private async Task RunAfter(Task upStream)
        {
            await upStream.ConfigureAwait(false);
            Action[] all;
            lock (_lock)
            {
                _ran = true;
                all = [.. _callbacks];
            }
            foreach (var callback in all)
                callback();
        }
    }
}

/// <summary>Asks a guardian to stop one of its children.</summary>
internal sealed record StopChild(IActorRef Child);

/// <summary>Writes unhandled messages to the log when <c>akka.actor.debug.unhandled</c> is on.</summary>
internal sealed class UnhandledMessageListener : ReceiveActor
{
    public UnhandledMessageListener()
    {
        var events = Context.System.EventStream;
        Receive<UnhandledMessage>(unhandled =>
            events.Publish(
                new Event.Debug(
                    unhandled.Recipient.Path.ToString(),
                    unhandled.Recipient.GetType(),
                    $"Unhandled message from {unhandled.Sender} : {unhandled.Message}"
                )
            )
        );
    }
}
