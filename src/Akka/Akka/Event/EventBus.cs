using System.Collections.Concurrent;
using Akka.Actor;

namespace Akka.Event;

/// <summary>Hands events to subscribers by class of event.</summary>
public abstract class EventBus<TEvent, TClassifier, TSubscriber>
    where TClassifier : notnull
    where TSubscriber : notnull
{
    private readonly Lock _lock = new();

    // By class and subscriber, the classes below that were unsubscribed from again.
    private readonly Dictionary<TClassifier, Dictionary<TSubscriber, HashSet<TClassifier>>> _subscriptions = [];
    private readonly ConcurrentDictionary<TClassifier, TSubscriber[]> _cache = new();

    /// <summary>Subscribes; false when it already was.</summary>
    public virtual bool Subscribe(TSubscriber subscriber, TClassifier classifier)
    {
        lock (_lock)
        {
            if (!_subscriptions.TryGetValue(classifier, out var subscribers))
                _subscriptions.Add(classifier, subscribers = []);
            var isNew = !subscribers.TryGetValue(subscriber, out var without);
            if (!isNew && without!.Count == 0)
                return false;
            subscribers[subscriber] = [];
            _cache.Clear();
            return isNew;
        }
    }

    /// <summary>Ends all subscriptions; false when there was none.</summary>
    public virtual bool Unsubscribe(TSubscriber subscriber)
    {
        lock (_lock)
        {
            var removed = false;
            foreach (var subscribers in _subscriptions.Values)
                removed |= subscribers.Remove(subscriber);
            _cache.Clear();
            return removed;
        }
    }

    /// <summary>
    /// Ends the subscriptions to a class and all below it, and leaves it out of those to classes above it; false when there
    /// was none.
    /// </summary>
    public virtual bool Unsubscribe(TSubscriber subscriber, TClassifier classifier)
    {
        lock (_lock)
        {
            var changed = false;
            foreach (var (known, subscribers) in _subscriptions)
            {
                if (known.Equals(classifier) || IsSubClassification(classifier, known))
                    changed |= subscribers.Remove(subscriber);
                else if (IsSubClassification(known, classifier) && subscribers.TryGetValue(subscriber, out var without))
                    changed |= without.Add(classifier);
            }
            _cache.Clear();
            return changed;
        }
    }

    /// <summary>Hands an event to those who subscribed to its class or one above it.</summary>
    public virtual void Publish(TEvent @event)
    {
        var classifier = GetClassifier(@event);
        if (!_cache.TryGetValue(classifier, out var subscribers))
        {
            // Under the lock, so that no change of the subscriptions can be overtaken by what they were before.
            lock (_lock)
                _cache[classifier] = subscribers = [
                    .. _subscriptions
                        .Where(pair => Covers(pair.Key, classifier))
                        .SelectMany(pair => pair.Value)
                        .Where(entry => !entry.Value.Any(left => Covers(left, classifier)))
                        .Select(entry => entry.Key)
                        .Distinct(),
                ];
        }
        foreach (var subscriber in subscribers)
            Publish(@event, subscriber);
    }

    private bool Covers(TClassifier known, TClassifier classifier) =>
        known.Equals(classifier) || IsSubClassification(known, classifier);

    /// <summary>True when <paramref name="child"/> is below <paramref name="parent"/>.</summary>
    protected abstract bool IsSubClassification(TClassifier parent, TClassifier child);

    /// <summary>Hands an event to one subscriber.</summary>
    protected abstract void Publish(TEvent @event, TSubscriber subscriber);

    /// <summary>The class of an event.</summary>
    protected abstract TClassifier GetClassifier(TEvent @event);
}

/// <summary>A bus whose subscribers are actors.</summary>
public abstract class ActorEventBus<TEvent, TClassifier> : EventBus<TEvent, TClassifier, IActorRef>
    where TClassifier : notnull;
