"""Actor and critic learn to walk along a corridor: rewards, returns, one tape per episode."""

import numpy as np

import kerasish as keras
from kerasish import layers, ops


class Corridor:
    """Seven places; the goal is at the right end, the left end is a pit."""

    def reset(self):
        self.place = 3
        return self.state()

    def state(self):
        return np.eye(7, dtype="float32")[self.place]

    def step(self, action):
        self.place += 1 if action == 1 else -1
        done = self.place in (0, 6)
        return self.state(), (1.0 if self.place == 6 else -1.0) if done else -0.05, done


def main():
    """After training it walks to the right."""
    keras.utils.set_random_seed(0)
    generator = np.random.default_rng(0)
    inputs = layers.Input(shape=(7,))
    common = layers.Dense(24, activation="relu")(inputs)
    action = layers.Dense(2, activation="softmax")(common)
    critic = layers.Dense(1)(common)
    model = keras.Model(inputs=inputs, outputs=[action, critic])
    optimizer = keras.optimizers.Adam(learning_rate=0.02)
    huber_loss = keras.losses.Huber()
    env, running, rewards_of_episodes = Corridor(), 0.0, []
    for episode in range(60):
        state, rewards, log_probs, values = env.reset(), [], [], []
        with keras.GradientTape() as tape:
            for _ in range(30):
                action_probs, critic_value = model(ops.convert_to_tensor(state[None]))
                values.append(critic_value[0, 0])
                probs = np.asarray(action_probs)[0].astype("float64")
                chosen = int(generator.choice(2, p=probs / probs.sum()))
                log_probs.append(ops.log(action_probs[0, chosen]))
                state, reward, done = env.step(chosen)
                rewards.append(reward)
                if done:
                    break
            returns, discounted = [], 0.0
            for reward in rewards[::-1]:
                discounted = reward + 0.95 * discounted
                returns.insert(0, discounted)
            losses = []
            for log_prob, value, ret in zip(log_probs, values, returns, strict=True):
                losses.append(-log_prob * ops.stop_gradient(ret - value))
                losses.append(huber_loss(ops.expand_dims(value, 0), np.array([ret], "float32")))
            loss_value = sum(losses)
        grads = tape.gradient(loss_value, model.trainable_variables)
        optimizer.apply_gradients(zip(grads, model.trainable_variables, strict=True))
        running = 0.1 * sum(rewards) + 0.9 * running
        rewards_of_episodes.append(sum(rewards))
    first, last = np.mean(rewards_of_episodes[:10]), np.mean(rewards_of_episodes[-10:])
    print(f"mean reward of ten episodes {first:.2f} -> {last:.2f}; running reward {running:.2f}")
    policy = np.asarray(model(np.eye(7, dtype="float32"))[0])[1:6, 1]
    print("probability to go right:", np.round(policy, 2).tolist())
    assert last > 0.6 and (policy > 0.5).all()


if __name__ == "__main__":
    main()
